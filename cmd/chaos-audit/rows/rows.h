/* The rows of audited writes, read as often as needed. */
#ifndef AUDIT_ROWS_ROWS_H
#define AUDIT_ROWS_ROWS_H

#include "base/err.h"
#include "csv/csv.h"
#include "rows/slots.h"

struct rows {
	char *const *paths; /* NULL-terminated; "-": stdin, which becomes a file if it is none; borrowed */
	const char *op;	    /* of an audited row; NULL: the one that writes {slot}, which the first reading finds */
	size_t op_len;
	char *found;	    /* that op; owned */
	char *second;	    /* and another one, if there is: which is meant nobody knows; owned */
	int stdin_fd;	    /* negative until it was read */
	/* Of the first reading. */
	int64_t first_due_ns; /* of the audited rows */
	uint64_t all, audited, bad, torn, duplicate, lost;
};

/* Calls take for each row of an audited write, with its answer. */
int rows_each(struct rows *r, void (*take)(void *arg, const struct csv_row *row, enum answer a), void *arg,
	      struct err *e);
void rows_release(struct rows *r);

/* When the answer came, or the request was given up: UNIX time. */
int64_t row_end_ns(const struct csv_row *row);

#endif
