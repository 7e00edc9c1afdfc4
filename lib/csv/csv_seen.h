/* Duplicate detection over a window of a million slots. Part of the scanner in csv.h. */
#ifndef CSV_SEEN_H
#define CSV_SEEN_H

#include "csv/csv.h"

enum { CSV_SEEN_WORDS = CSV_SLOT_WINDOW / 64 };

/* Moves the window so that the slot is in it. False if it lies behind it, is none, or is far ahead,
 * which a second one that is near must confirm. */
bool csv_seen_move(struct csv *c, uint64_t slot);

/* Whether the slot was seen before; marks it as seen. */
static inline bool csv_seen_before(struct csv *c, uint64_t slot)
{
	uint64_t word = slot / 64;
	if (word - c->seen_first >= CSV_SEEN_WORDS && !csv_seen_move(c, slot))
		return false;
	uint64_t bit = UINT64_C(1) << (slot % 64), *at = &c->seen[word % CSV_SEEN_WORDS];
	bool seen = *at & bit;
	*at |= bit;
	return seen;
}

#endif
