/* The loads of a run, read side by side. */
#ifndef ANALYZE_LIVE_FEEDS_H
#define ANALYZE_LIVE_FEEDS_H

#include "live/feed.h"

/* Reads the loads of a run side by side, each to the end of its input; a followed file to the event run_end,
 * the end of the duration, SIGINT or SIGTERM; in any case to the first stop rule of any of them. Then
 * finishes them. *reader_gone: the reader of stdout closed the pipe, so nothing is left to do. */
int feeds_run(struct live *lives, const struct feed_params *params, size_t count, bool *reader_gone, struct err *e);

#endif
