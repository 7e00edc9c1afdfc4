/* Places of the slots in a schedule, measured in slots: constant arrivals put slot n at n,
 * Poisson arrivals at the sum of exponential gaps, each a function of slot number and seed, so
 * that all shards and replays of a run agree. */
#ifndef PLAN_ARRIVALS_H
#define PLAN_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

struct arrivals {
	bool poisson;
	uint64_t seed;
	/* Private: sum of the gaps of all slots before this one. */
	uint64_t slot;
	double sum, rest; /* rest: rounding error of the sum */
};

void arrivals_init(struct arrivals *a, bool poisson, uint64_t seed);

double arrivals_place_poisson(struct arrivals *a, uint64_t slot);

/* The place of a slot, for schedule_due_at. Slots must not decrease from call to call; the
 * cost is that of the slots in between. */
static inline double arrivals_place(struct arrivals *a, uint64_t slot)
{
	return a->poisson ? arrivals_place_poisson(a, slot) : (double)slot;
}

#endif
