#include "csv/csv_seen.h"

static void mark(struct csv *c, uint64_t slot)
{
	c->seen[slot / 64 % CSV_SEEN_WORDS] |= UINT64_C(1) << (slot % 64);
}

static void move(struct csv *c, uint64_t word)
{
	uint64_t first = c->seen_first, moved = word - CSV_SEEN_WORDS + 1 - first;
	for (uint64_t i = 0; i < moved && i < CSV_SEEN_WORDS; i++)
		c->seen[(first + i) % CSV_SEEN_WORDS] = 0;
	c->seen_first = first + moved;
}

/* True if two different slots are less than half a window apart. */
static bool near(uint64_t slot, uint64_t other)
{
	return slot != other && (slot > other ? slot - other : other - slot) < CSV_SLOT_WINDOW / 2;
}

bool csv_seen_move(struct csv *c, uint64_t slot)
{
	uint64_t word = slot / 64, far = c->seen_far;
	if (slot >= UINT64_MAX / 2 || word < c->seen_first)
		return false;
	if (word - c->seen_first < 2 * CSV_SEEN_WORDS) {
		move(c, word);
		return true;
	}
	/* A single slot far ahead is taken for a mistake: following it would empty the window. */
	c->seen_far = slot;
	if (!far || !near(slot, far))
		return false;
	move(c, (slot > far ? slot : far) / 64);
	mark(c, far);
	c->seen_far = 0;
	return true;
}
