/* Replays a log of requests: slot i is due at the time of the i-th row in time order, relative to
 * the first. */
#ifndef LOAD_REQUESTS_REPLAY_H
#define LOAD_REQUESTS_REPLAY_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct times {
	int64_t *at_ns; /* from the first on; owned */
	size_t count, alloc;
};

/* Reads the column timestamp of a file; speed: how many times as fast as it was. Rows that could not be
 * read, at most 1 %, and those that the log itself lost are told on stderr. Returns 0, or -1 with file
 * and line in e. Release t in either case. */
int replay_read(struct times *t, const char *path, double speed, struct err *e);
void times_release(struct times *t);

#endif
