/* The rows of audited writes, read once. */
#ifndef AUDIT_ROWS_ROWS_H
#define AUDIT_ROWS_ROWS_H

#include "base/err.h"
#include "csv/csv.h"
#include "rows/slots.h"

struct rows {
	const char *path; /* "-": stdin; borrowed */
	const char *op;	  /* of an audited row; NULL: the one that writes {slot}, which is found */
	size_t op_len;
	char *found;	      /* that op; owned */
	char *second;	      /* and another one, if there is: which is meant nobody knows; owned */
	int64_t first_due_ns; /* of the audited rows */
	uint64_t all, audited, bad, torn, lost;
	uint64_t duplicate;	 /* of the rows that are not audited: a slot had one within CSV_SLOT_WINDOW */
	struct csv_seen *others; /* which slots these were; owned */
};

/* Calls take for each row of an audited write, with its answer. */
typedef void rows_taker(void *arg, const struct csv_row *row, enum answer a);
int rows_each(struct rows *r, rows_taker *take, void *arg, struct err *e);
void rows_release(struct rows *r);

/* When the answer came, or the request was given up: UNIX time. */
int64_t row_end_ns(const struct csv_row *row);

#endif
