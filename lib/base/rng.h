/* Random numbers as a function of the seed, which is always recorded, and a position, so that shards
 * and replays agree. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

/* The value at one position, without the ones before it. */
uint64_t rng_at(uint64_t seed, uint64_t position);

#endif
