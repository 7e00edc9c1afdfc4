/* Rests of a load, as between bursts: times in which no request was due or under way. */
#ifndef ANALYZE_LIVE_RESTS_H
#define ANALYZE_LIVE_RESTS_H

#include <stdint.h>

enum { RESTS = 2 };

struct rests {
	int64_t busy_ns; /* none was from then on, as far as rows tell; 0: there was no row yet */
	struct rest {
		int64_t from_ns, to_ns;
	} last[RESTS]; /* the last of half a second and more, newest first */
};

/* Adds a request: when it was due, and when it had ended. They come in the order of their ends. */
void rests_add(struct rests *r, int64_t due_ns, int64_t done_ns);

/* The shorter of the last two: so long the load rests regularly; 0 if it does not. */
int64_t rests_length_ns(const struct rests *r);

#endif
