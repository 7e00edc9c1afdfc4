/* The rows of a run with faults, 16 bytes each: which of them a fault has to answer for is known
 * only when the faults, their ends and the recovery are. */
#ifndef ANALYZE_INPUT_RECORDS_H
#define ANALYZE_INPUT_RECORDS_H

#include "csv/csv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECORDS_MAX = 1 << 23, /* 128 MiB; of a run with more rows none are kept */
	RECORD_NO_OP = UINT8_MAX,
};
#define RECORD_NO_SLOT UINT32_MAX

struct record {
	uint32_t due_low_us, latency_us, slot;
	uint8_t due_high, node, op;
	bool failed;
};

struct records {
	bool wanted;   /* set by the owner before the first row */
	bool exceeded; /* rows are missing, so that nothing may be told from the others */
	int64_t base_us;
	struct record *all; /* owned; in the order of the rows */
	size_t count, alloc;
};

/* node and op: their numbers in the tables of the run; op RECORD_NO_OP: none. */
void records_add(struct records *r, const struct csv_row *row, unsigned node, unsigned op);
void records_release(struct records *r); /* accepts a zeroed one */

/* UNIX times. */
static inline int64_t record_due_ns(const struct records *r, const struct record *x)
{
	return (r->base_us + ((int64_t)x->due_high << 32 | x->due_low_us)) * 1000;
}

static inline int64_t record_end_ns(const struct records *r, const struct record *x)
{
	return record_due_ns(r, x) + (int64_t)x->latency_us * 1000;
}

#endif
