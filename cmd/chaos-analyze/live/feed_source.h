/* Where a feed has its rows from: a pipe, or the files that bear a name one after another. */
#ifndef ANALYZE_LIVE_FEED_SOURCE_H
#define ANALYZE_LIVE_FEED_SOURCE_H

#include "live/feed.h"

/* Opens the source; a file that is followed may come later. */
int feed_source_open(struct feed *f, struct err *e);

/* Reads once; waits so long for data from a pipe. */
int feed_source_take(struct feed *f, int wait_ms, struct err *e);

/* The rows up to that time of the stream, and one more. */
int feed_source_scan(struct feed *f, int64_t until_ns, struct err *e);

/* Sees which files bore the name since; period: may go on to the next of them. */
int feed_source_look(struct feed *f, bool period, struct err *e);

/* Reads the rest of all files if a signal ends it, and closes. */
int feed_source_end(struct feed *f, struct err *e);
void feed_source_close(struct feed *f);

#endif
