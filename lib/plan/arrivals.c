#include "plan/arrivals.h"

#include "base/rng.h"

#include <math.h>

void arrivals_init(struct arrivals *a, bool poisson, uint64_t seed)
{
	*a = (struct arrivals){.poisson = poisson, .seed = seed};
}

/* Exponential with mean 1, from a number in (0, 1]. */
static double gap(uint64_t seed, uint64_t slot)
{
	return -log((double)((rng_at(seed, slot) >> 11) + 1) * 0x1.0p-53);
}

/* Kahan summation: the rounding error stays negligible over a billion gaps. */
static void add(struct arrivals *a, double x)
{
	double y = x - a->rest, sum = a->sum + y;
	a->rest = (sum - a->sum) - y;
	a->sum = sum;
}

double arrivals_place_poisson(struct arrivals *a, uint64_t slot)
{
	for (; a->slot <= slot; a->slot++)
		add(a, gap(a->seed, a->slot));
	return a->sum;
}
