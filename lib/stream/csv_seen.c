#include "stream/csv_seen.h"

bool csv_seen_move(struct csv *c, uint64_t slot)
{
	uint64_t word = slot / 64, first = c->seen_first;
	if (slot >= UINT64_MAX / 2 || word < first)
		return false;
	uint64_t moved = word - CSV_SEEN_WORDS + 1 - first;
	for (uint64_t i = 0; i < moved && i < CSV_SEEN_WORDS; i++)
		c->seen[(first + i) % CSV_SEEN_WORDS] = 0;
	c->seen_first = first + moved;
	return true;
}
