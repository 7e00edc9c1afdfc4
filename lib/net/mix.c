#include "net/mix.h"

#include "base/buf.h"
#include "base/rng.h"

/* Separates the random numbers of the mix from those of Poisson arrivals, which use the same seed. */
static const uint64_t salt = 0x61736b73;

void mix_weigh(struct mix *m, size_t i, uint64_t weight)
{
	if (!weight)
		return;
	if (!m->upto)
		m->upto = mem_alloc(m->count * sizeof *m->upto);
	m->upto[i] = (i ? m->upto[i - 1] : 0) + weight;
}

size_t mix_pick_weighed(const struct mix *m, uint64_t slot)
{
	size_t low = 0, high = m->count - 1;
	uint64_t at = rng_at(m->seed ^ salt, slot) % m->upto[high];
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (at < m->upto[mid])
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}
