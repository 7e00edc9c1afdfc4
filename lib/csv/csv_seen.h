/* Duplicate detection: the last million slots or so, in any order. Part of the scanner in csv.h. */
#ifndef CSV_SEEN_H
#define CSV_SEEN_H

#include "csv/csv.h"

/* 64 slots that follow one another; the next that has its place takes it over. */
struct csv_seen {
	uint64_t number, bits, failed; /* of the first slot / 64; those that were seen; of these, those that failed */
};

enum { CSV_SEEN_PARTS = CSV_SLOT_WINDOW / 64 };

/* Whether the slot was seen before; marks it as seen. *other counts rows that failed where the first did not, or the
 * other way round. */
static inline bool csv_seen_before(struct csv_seen *all, uint64_t slot, bool failed, uint64_t *other)
{
	uint64_t number = slot / 64, bit = UINT64_C(1) << (slot % 64);
	struct csv_seen *s = &all[number % CSV_SEEN_PARTS];
	if (s->number != number)
		*s = (struct csv_seen){.number = number};
	bool seen = s->bits & bit;
	s->bits |= bit;
	if (seen)
		*other += !(s->failed & bit) == failed;
	else
		s->failed |= failed ? bit : 0;
	return seen;
}

#endif
