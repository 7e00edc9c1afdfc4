/* Whether the rows of several files are one schedule: each slot once, none missing, and due later than
 * those before it.
 *
 *	slotmap_begin(&s, "a.csv"), slotmap_add(&s, rows, count), slotmap_end(&s, &e) for each part of each file
 *	slotmap_finish(&s, &e)
 *	slotmap_holes(&s, with, arg)
 *
 * Parts whose rows were due at the same time are one load. A part of another time with slots of its own
 * goes on with it, and one with slots that were there before is a later load, with a schedule of its own.
 *
 * Memory: a bit a slot, and 24 bytes for each slot or, of many, for each of half a million equal parts. */
#ifndef ANALYZE_INPUT_SLOTMAP_H
#define ANALYZE_INPUT_SLOTMAP_H

#include "base/buf.h"
#include "base/err.h"
#include "csv/csv.h"

struct slot_set;

struct slotmap {
	const char **names; /* of the files, borrowed; the array is owned */
	size_t name_count, name_alloc;
	struct slot_set *part; /* that is being read, or NULL; owned */
	struct slot_set **loads; /* owned */
	size_t load_count, load_alloc;
	bool partly; /* some rows have no slot, or one of 2^32 or more: nobody knows which are missing */
};

/* Slots as they are told to people: first to last in equal steps, if count fits these; else count slots between the two. */
struct slot_span {
	uint64_t first, last, step, count;
};

void slotmap_release(struct slotmap *s); /* accepts a zeroed one, which is an empty one */

void slotmap_begin(struct slotmap *s, const char *name);
void slotmap_add(struct slotmap *s, const struct csv_row *rows, size_t count);
/* -1 with EXIT_USAGE if another file has slots of this part at the same time. */
int slotmap_end(struct slotmap *s, struct err *e);
/* -1 with EXIT_USAGE if a slot is due more than SHARDS_SKEW_NS before an earlier one. */
int slotmap_finish(struct slotmap *s, struct err *e);
/* Some slots in a row that are missing, and when those around them are due. ragged: within SHARDS_SKEW_NS of the
 * end, where a stop may have found some shards earlier than others. */
typedef void slotmap_hole(void *arg, uint64_t first, uint64_t last, int64_t from_ns, int64_t to_ns, bool ragged);
/* Calls with for all of them, in order. start_ns: of slot 0, or 0: then what is missing in front is not told. */
void slotmap_holes(const struct slotmap *s, int64_t start_ns, slotmap_hole *with, void *arg);
/* The time between two loads, one after the other, without the usual gap behind the one and in front of the other. */
typedef void slotmap_pause(void *arg, int64_t from_ns, int64_t to_ns);
void slotmap_pauses(const struct slotmap *s, slotmap_pause *with, void *arg);

void slot_span_add(struct slot_span *s, uint64_t first, uint64_t last);
/* "slot 7", "60 slots from 1 to 178 in steps of 3". */
void slot_span_tell(const struct slot_span *s, struct buf *out);

#endif
