/* The trials of one scenario, chaos-trials/1. */
#ifndef PLOT_PICTURES_TRIALS_H
#define PLOT_PICTURES_TRIALS_H

#include "base/err.h"
#include "stream/json.h"

struct trials {
	struct json *head, *all, *end; /* the first line, the trials, the last line or NULL; owned */
	bool search;		       /* a parameter was searched */
};

/* Reads the lines of a file, "-" for stdin; a torn last line is dropped. -1 if they are none. */
int trials_read(struct trials *t, const char *path, struct err *e);
void trials_release(struct trials *t); /* accepts a zeroed one */

#endif
