/* The URLs that a program is given: those of the command line, then those of --urls. */
#ifndef NET_URLS_H
#define NET_URLS_H

#include "base/err.h"

#include <stddef.h>

struct urls {
	const char **items; /* owned; those of the command line are borrowed */
	size_t count;
	char *text; /* of --urls; owned, NULL if there is none */
};

/* where: a file with a URL a line, of which blank lines and those that start with # are none, or
 * fd:N; NULL: none. Returns 0, or -1 with EXIT_USAGE. Release u in either case. */
int urls_read(struct urls *u, const char *const *given, size_t count, const char *where, struct err *e);
void urls_release(struct urls *u); /* accepts a zeroed one */

#endif
