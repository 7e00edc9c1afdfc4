/* Command lines as they come in pieces: each is given on once it is whole.
 *
 *	lines_add(&l, data, n);
 *	while (lines_next(&l, &line))
 *		line.text ? obey(line.text) : answer(line.wrong);
 *	at the end of the input: if (lines_last(&l, is_file, &line)) the same */
#ifndef STREAM_LINES_H
#define STREAM_LINES_H

#include "base/buf.h"

#include <stdbool.h>

enum { LINES_BYTES_MAX = 4096 };

struct lines {
	struct buf text; /* not yet given on */
	size_t number;	 /* of the last line given on, from 1 */
	size_t given;	 /* bytes at the start of text that need not be looked at again */
	bool skipping;	 /* the rest of a line that was too long */
};

struct line {
	char *text; /* without its newline, the caller's to change until the next call; NULL: it is
		       wrong */
	const char *wrong; /* why */
	size_t number;
};

void lines_init(struct lines *l);
void lines_release(struct lines *l); /* accepts a zeroed one */

void lines_add(struct lines *l, const void *data, size_t len);

/* The next whole line; false if there is none for now. One that is too long or has a NUL byte is
 * wrong. */
bool lines_next(struct lines *l, struct line *out);

/* At the end of the input, the rest without a newline. In a file it is a line. From a pipe it may
 * be truncated because the writer died, and could name another node or rate: it is wrong. */
bool lines_last(struct lines *l, bool is_file, struct line *out);

#endif
