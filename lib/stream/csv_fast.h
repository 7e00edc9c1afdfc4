/* The common row, fast: no quotes, plain numbers. Part of the scanner in csv.h; whatever is not
 * common is left to csv_row.h, which alone decides what is a bad row. */
#ifndef STREAM_CSV_FAST_H
#define STREAM_CSV_FAST_H

#include "stream/csv.h"

/* Scans the row at p into row and returns what is behind its newline; NULL if the row is
 * not common, or not followed by enough bytes before end. Reads nothing at or behind end. */
const char *csv_fast_row(struct csv *c, const char *p, const char *end, struct csv_row *row);

/* Where in 64 bytes commas, newlines and quotes are, bit i standing for p[i]. Two ways to the same
 * result: the second needs nothing of the processor. */
uint64_t csv_find_marks(const char *p);
uint64_t csv_find_marks_portably(const char *p);

/* Numbers of len bytes at p, from where 24 bytes can be read: UNIX time to ns, milliseconds to ns,
 * whole numbers. -1 if it is not of a common shape. */
int csv_fast_time(struct csv *c, const char *p, size_t len, int64_t *ns);
int csv_fast_ms(const char *p, size_t len, int64_t *ns);
int csv_fast_whole(const char *p, size_t len, int64_t *n);

#endif
