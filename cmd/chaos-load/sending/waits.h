/* How long requests waited for a free connection, over the run and in each second of due times.
 * What waits inside the generator says nothing of the target, but is part of its latency. */
#ifndef LOAD_SENDING_WAITS_H
#define LOAD_SENDING_WAITS_H

#include <stdint.h>

struct wait_second {
	uint64_t due, waited; /* waited: longer than is harmless */
};

struct waits {
	uint64_t count, waited; /* requests that waited at all; those that waited too long */
	int64_t sum_ns, max_ns;
	uint64_t seconds; /* in which more than 1 % of the requests waited too long, without those
			     that are not over */

	/* Private. */
	int64_t harmless_ns, start_ns, end_ns; /* of the last second */
	int64_t last;			       /* its number; -1: none */
	struct wait_second *current, *ring;    /* the last; the last of them, as many as may still change */
	int64_t ring_size;
};

/* A request waits too long if it waits longer than 10 ms and than a tenth of its timeout. */
void waits_init(struct waits *w, int64_t timeout_ns);
void waits_release(struct waits *w); /* accepts a zeroed one */

/* Begins the second of a due time. */
void waits_begin(struct waits *w, int64_t due);

/* A request is due; due times never go back. */
static inline void waits_due(struct waits *w, int64_t due)
{
	if (due >= w->end_ns)
		waits_begin(w, due);
	w->current->due++;
}

/* A request that was due then waited for that time. */
void waits_add(struct waits *w, int64_t due, int64_t wait_ns);

/* All requests are over: seconds counts all of them. */
void waits_finish(struct waits *w);

#endif
