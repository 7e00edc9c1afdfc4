/* Reads samples as they are written, from a pipe or at the end of a growing file, hands the rows to
 * the live run, lets its time pass when none come, and writes its lines. */
#ifndef ANALYZE_LIVE_FEED_H
#define ANALYZE_LIVE_FEED_H

#include "live/live.h"

struct feed_params {
	const char *path;		   /* of the samples; "-" is stdin */
	const char *events, *load_summary; /* read again and again as they come; or NULL */
	bool follow;			   /* the end of a file is not the end */
};

/* Reads to the end of the input; for a file that is followed, to the event run_end, to the end of
 * the duration, or to the first SIGINT or SIGTERM; in any case to the first stop rule. Then the run
 * is finished. *reader_gone: nobody reads stdout any more, and nothing is left to do. */
int feed_run(struct live *l, const struct feed_params *p, bool *reader_gone, struct err *e);

#endif
