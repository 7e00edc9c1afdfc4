/* Reads samples while they are written, from a pipe or a growing file, passes the rows to the
 * live run, advances its time when none come, and writes its lines. */
#ifndef ANALYZE_LIVE_FEED_H
#define ANALYZE_LIVE_FEED_H

#include "live/live.h"

struct feed_params {
	const char *path;		   /* of the samples; "-" is stdin */
	const char *events, *load_summary; /* read repeatedly; or NULL */
	const char *name;		   /* of the load; or NULL */
	bool follow;			   /* the end of the file is not the end of the run */
};

/* Reads the loads of a run side by side, each to the end of its input; a followed file to the event run_end,
 * the end of the duration, SIGINT or SIGTERM; in any case to the first stop rule of any of them. Then
 * finishes them. *reader_gone: the reader of stdout closed the pipe, so nothing is left to do. */
int feed_run(struct live *lives, const struct feed_params *params, size_t count, bool *reader_gone, struct err *e);

#endif
