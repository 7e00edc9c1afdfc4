/* The request mix of --requests, a line per request: a JSON object, or in words [METHOD] URL|/PATH
 * [WEIGHT] [@BODY-FILE]. A whole URL names its node; a path goes to the URLs of the command line.
 * Empty lines and lines that start with # are skipped. */
#ifndef LOAD_REQUESTS_REQUEST_MIX_H
#define LOAD_REQUESTS_REQUEST_MIX_H

#include "requests/request_line.h"

struct request_mix {
	struct mix_line *lines; /* owned */
	size_t count, alloc;
	size_t anywhere; /* lines without a node of their own */
	bool weighted;	 /* some line has a weight; those without have 1 */
};

/* Reads a file, and the bodies it names. Returns 0, or -1 with file, line and, where there is one,
 * column of what is wrong. Release in either case. */
int request_mix_read(struct request_mix *a, const char *path, struct err *e);
void request_mix_release(struct request_mix *a); /* accepts a zeroed one */

#endif
