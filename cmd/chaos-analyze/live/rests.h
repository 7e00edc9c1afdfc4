/* Rests of a load, as between bursts: times in which no request was due or under way. */
#ifndef ANALYZE_LIVE_RESTS_H
#define ANALYZE_LIVE_RESTS_H

#include <stdbool.h>
#include <stdint.h>

enum { RESTS = 2 };

struct rests {
	int64_t busy_ns; /* none was from then on, as far as rows tell; 0: there was no row yet */
	int64_t steady_ns; /* since when the load has gone on without a rest */
	struct rest {
		int64_t from_ns, to_ns;
	} last[RESTS]; /* the last of half a second and more, newest first */
};

/* Adds a request: when it was due, and when it had ended. They come in the order of their ends.
 * learn: that none was under way before it is a rest of the load. Rests are forgotten once it has gone on without one
 * for longer than ten times the longest. */
void rests_add(struct rests *r, int64_t due_ns, int64_t done_ns, bool learn);

/* How long the load rests regularly, the shorter of the last two rests; 0 if it does not. */
int64_t rests_length_ns(const struct rests *r);

#endif
