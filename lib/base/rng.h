/* Random numbers from a seed that is always recorded: a stream, and a pure
 * function of (seed, position) so that shards and replays agree. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

void rng_init(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);
double rng_unit(struct rng *r);			    /* in [0, 1) */
uint64_t rng_below(struct rng *r, uint64_t bound); /* in [0, bound), bound > 0 */

/* The value at one position, without the ones before it. */
uint64_t rng_at(uint64_t seed, uint64_t position);

#endif
