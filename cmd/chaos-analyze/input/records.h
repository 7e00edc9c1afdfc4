/* The rows of a run with faults, 24 bytes each: which of them a fault has to answer for is known
 * only when the faults, their ends and the recovery are. */
#ifndef ANALYZE_INPUT_RECORDS_H
#define ANALYZE_INPUT_RECORDS_H

#include "csv/csv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECORDS_MAX = 1 << 23, /* 192 MiB; of a run with more rows none are kept */
	RECORD_NO_OP = UINT8_MAX,
};
#define RECORD_NO_SLOT UINT32_MAX

struct record {
	int64_t due_us; /* UNIX time */
	uint32_t latency_us, slot;
	uint8_t node, op;
	bool failed;
};

struct records {
	bool wanted;   /* set by the owner before the first row */
	bool exceeded; /* rows are missing, so that nothing may be told from the others */
	struct record *all; /* owned; in the order of the rows */
	size_t count, alloc;
};

/* node and op: their numbers in the tables of the run; op RECORD_NO_OP: none. */
void records_add(struct records *r, const struct csv_row *row, unsigned node, unsigned op);
void records_release(struct records *r); /* accepts a zeroed one */

/* UNIX times. */
static inline int64_t record_due_ns(const struct record *x)
{
	return x->due_us * 1000;
}

static inline int64_t record_end_ns(const struct record *x)
{
	return (x->due_us + x->latency_us) * 1000;
}

#endif
