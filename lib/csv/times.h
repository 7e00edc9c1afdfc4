/* Reads the column `timestamp` of any CSV file, for a replay. */
#ifndef CSV_TIMES_H
#define CSV_TIMES_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct times {
	int64_t *at_ns; /* owned */
	size_t count, alloc;
	uint64_t lost; /* rows that the log itself says it lost (markers of samples) */
	uint64_t torn; /* lines whose quoted field has no end */

	/* Private. */
	uint64_t line;
	size_t column, op; /* fields from 0; op SIZE_MAX: there is none */
};

/* Takes in the next line of the file, the header first; it ends in a newline, and what is quoted in
 * it is whole. Times are as in samples: UNIX time in s, or in ms, us or ns; or s since whatever. A
 * header in the middle (files put together) says where the column is from there on. Returns 0, or -1 with the line's number in
 * e. Release in either case; start with a zeroed struct. */
/* How long the row at the start of text is, with its newline; 0 if what is quoted in it goes on
 * behind the text, which ends in a newline. A quote within a field is like any other byte. */
size_t times_row(const char *text, size_t len);
/* Takes note of a line whose quoted field has no end. -1 if it is the header. */
int times_torn(struct times *t, struct err *e);

int times_line(struct times *t, const char *line, size_t len, struct err *e);

/* Sorts the times, makes the first one 0 and divides them by speed. -1 with EXIT_USAGE if the last
 * one then is later than longest_ns. */
int times_finish(struct times *t, double speed, int64_t longest_ns, struct err *e);
void times_release(struct times *t);

#endif
