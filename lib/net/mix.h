/* Which of several things a slot gets: by weight, or each in turn. */
#ifndef NET_MIX_H
#define NET_MIX_H

#include <stddef.h>
#include <stdint.h>

struct mix {
	uint64_t *upto; /* cumulative weights; NULL: in turn */
	size_t count;
	uint64_t seed;
};

/* Sets the weight of each, from the first on; 0 for all of them: in turn. Whoever made the mix frees
 * upto. */
void mix_weigh(struct mix *m, size_t i, uint64_t weight);

size_t mix_pick_weighed(const struct mix *m, uint64_t slot);

/* A function of slot and seed. *round counts how often it was this one's turn; by weight it is the
 * slot. */
static inline size_t mix_pick(const struct mix *m, uint64_t slot, uint64_t *round)
{
	*round = slot;
	if (m->upto)
		return mix_pick_weighed(m, slot);
	/* dividing few bits takes a third of the time */
	*round = slot >> 32 ? slot / m->count : (uint32_t)slot / (uint32_t)m->count;
	return slot - *round * m->count;
}

#endif
