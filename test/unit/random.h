/* A stream of random numbers for tests: the values of a seed, position by position. */
#ifndef TEST_UNIT_RANDOM_H
#define TEST_UNIT_RANDOM_H

#include "base/rng.h"

struct rng {
	uint64_t seed, position;
};

static inline void rng_init(struct rng *r, uint64_t seed)
{
	*r = (struct rng){.seed = seed};
}

static inline uint64_t rng_next(struct rng *r)
{
	return rng_at(r->seed, r->position++);
}

/* In [0, 1). */
static inline double rng_unit(struct rng *r)
{
	return (double)(rng_next(r) >> 11) * 0x1.0p-53;
}

/* In [0, bound), by Lemire's multiplication and shift. */
static inline uint64_t rng_below(struct rng *r, uint64_t bound)
{
	__extension__ typedef unsigned __int128 u128;
	return (uint64_t)(((u128)rng_next(r) * bound) >> 64);
}

#endif
