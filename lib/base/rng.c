#include "base/rng.h"

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014. The state is a counter, so position i costs no more than i = 0. */
static const uint64_t gamma64 = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t rng_at(uint64_t seed, uint64_t position)
{
	return mix(seed + (position + 1) * gamma64);
}
