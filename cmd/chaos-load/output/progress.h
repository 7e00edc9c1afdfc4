/* Progress once a second on standard error, from differences of the engine's counters: no cost per
 * request. */
#ifndef LOAD_OUTPUT_PROGRESS_H
#define LOAD_OUTPUT_PROGRESS_H

#include "base/clock.h"
#include "sending/engine.h"
#include "sending/pacer.h"

struct progress;

struct progress_config {
	struct loop *loop;
	const struct engine_counts *counts;
	const struct pacer *pacer; /* started */
	const struct anchor *anchor;
	int fd, rows_fd; /* where it goes; where rows go, which would run through a line there */
};

/* style: "auto" (if fd is a terminal and rows_fd is not: one line that is rewritten, or a line each
 * second where rows_fd has a reader), "plain" (a line each second), "json" (an object each second)
 * or "none". NULL with e->code EXIT_OK if there is nothing to tell, NULL with an error otherwise.
 * config must outlive it. */
struct progress *progress_new(const struct progress_config *c, const char *style, struct err *e);
/* Takes the line off the terminal. Accepts NULL. */
void progress_free(struct progress *p);

#endif
