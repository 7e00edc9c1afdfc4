/* Where the slots of a schedule stand, in slots: slot n of a constant rate at n; of Poisson
 * arrivals at the sum of its gaps, each drawn by the slot's number and the seed. So every shard
 * and every replay of a run knows the same places. */
#ifndef PLAN_ARRIVALS_H
#define PLAN_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

struct arrivals {
	bool poisson;
	uint64_t seed;
	/* Its own: the gaps of all slots before this one are summed up. */
	uint64_t slot;
	double sum, rest; /* rest: what the sum's rounding has lost so far */
};

void arrivals_init(struct arrivals *a, bool poisson, uint64_t seed);

/* The place of a slot, for schedule_due_at. Slots must not decrease from call to call; the
 * cost is that of the slots in between. */
double arrivals_place(struct arrivals *a, uint64_t slot);

#endif
