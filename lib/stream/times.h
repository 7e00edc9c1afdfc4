/* The column `timestamp` of a CSV file, whatever else is in it: when things happened that are to
 * happen again. */
#ifndef STREAM_TIMES_H
#define STREAM_TIMES_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct times {
	int64_t *at_ns; /* owned */
	size_t count, alloc;
	uint64_t lost; /* rows that the log itself says it lost (markers of samples) */

	/* Its own. */
	uint64_t line;
	size_t column, op; /* fields from 0; op SIZE_MAX: there is none */
};

/* Takes in the next line of the file, the header first; it ends in a newline, and what is quoted in
 * it is whole. Times are as in samples: UNIX time in s, or in ms, us or ns; or s since whatever. A
 * header in the middle (files put together) is skipped. Returns 0, or -1 with the line's number in
 * e. Release in either case; start with a zeroed struct. */
int times_line(struct times *t, const char *line, size_t len, struct err *e);

/* Sorts them, and makes the first one 0: they come as much faster as speed says. */
void times_finish(struct times *t, double speed);
void times_release(struct times *t);

#endif
