/* How many connections to a node may be opened at a time where each costs both sides much, as over TLS. There is no
 * bound while slots come in time: how long a handshake takes is the target's affair. A generator that is late itself
 * would begin handshakes that it has no time to end; what waits for its turn then is counted as waiting. */
#ifndef NET_OPENING_H
#define NET_OPENING_H

#include <stdbool.h>
#include <stdint.h>

struct opening {
	int64_t open, bound;   /* places of connections that are open; of those that may be being opened */
	int64_t least;	       /* that the bound never goes below */
	int64_t round_trip_ns; /* of the last answer */
};

/* Begins with a bound of all places, of connections of this depth, which limits nothing. Those that are open stay open. */
void opening_init(struct opening *o, int64_t places, int64_t depth);

/* A slot that was due then has come; all times are monotonic. */
void opening_due(struct opening *o, int64_t due, int64_t now);

/* Whether one more request may be sent, where used requests have places already. */
static inline bool opening_has_room(const struct opening *o, int64_t used)
{
	return used < o->open + o->bound;
}

/* A request has ended. 0: it was not sent, or not answered. */
static inline void opening_answered(struct opening *o, int64_t sent_ns, int64_t ended_ns)
{
	if (sent_ns && ended_ns)
		o->round_trip_ns = ended_ns - sent_ns;
}

/* Whether a request that was sent now, where used requests have places already, would time out before its answer, which
 * would cost its connection as well. How long a handshake takes is not known while the generator is late: more than half
 * of the timeout is left for one, else the timeout of a request that has waited long would cut each, and none would end. */
bool opening_is_hopeless(const struct opening *o, int64_t used, int64_t due, int64_t timeout_ns, int64_t now);

#endif
