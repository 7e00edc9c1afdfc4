/* The common row, fast: short, plain numbers, no quotes but around the last field. Part of the
 * scanner in csv.h; whatever is not common is left to csv_row.h, which alone decides what is a bad
 * row.
 *
 * How: commas, newlines and quotes are found many bytes at once, as bits ("marks"). The marks of a
 * row tell where its fields are, and rows whose marks are alike have the same layout, which is
 * worked out once and then looked up. */
#ifndef CSV_FAST_H
#define CSV_FAST_H

#include "csv/csv.h"

enum {
	CSV_FAST_COLUMNS = CSV_LENGTH_S, /* those of counts take the other way */
	CSV_SPAN = 128, /* longer rows take the other way */
	CSV_LAYOUTS = 256,
	CSV_LEAD = 64,	/* bytes before the buffer that may be read, whatever is in them */
	CSV_TAIL = 256, /* and behind it */
};

/* Where the fields are in rows that have these marks; a column that they lack is empty. */
struct csv_layout {
	uint64_t low, high; /* marks of the row up to its end; bit 127: the last field is quoted */
	unsigned char at[CSV_FAST_COLUMNS], len[CSV_FAST_COLUMNS];
	unsigned char last;   /* the column of the last field */
	unsigned char places; /* decimals of the timestamp */
	char behind_second;   /* what follows its ten digits */
	bool common;
	bool plain; /* nothing quoted, and no error */
	bool usual; /* plain, and a status of three digits */
	uint64_t no_slot; /* all bits if there is none */
	uint64_t unused;
};

struct csv_fast {
	/* The second of the row before, as text with what follows it, and as a number. */
	char second_text[11];
	bool returns; /* lines end in \r\n */
	int64_t second_ns;
	struct csv_layout layouts[CSV_LAYOUTS];
	struct csv_row rows[CSV_BATCH];
};

/* Forgets layouts: the columns are others. returns: lines end in \r\n. */
void csv_fast_columns(struct csv *c, bool returns);

/* Scans common rows from c->at on into c->fast->rows, at most CSV_BATCH, and stops before the first
 * that is not common; moves c->at, and counts lines and duplicates. Returns their number. Reads
 * nothing at or behind c->readable. */
size_t csv_fast_rows(struct csv *c);

#endif
