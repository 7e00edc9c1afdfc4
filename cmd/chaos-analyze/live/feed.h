/* Reads samples while they are written, from a pipe or a growing file, passes the rows to the
 * live run, advances its time when none come, and writes its lines. */
#ifndef ANALYZE_LIVE_FEED_H
#define ANALYZE_LIVE_FEED_H

#include "base/clock.h"
#include "csv/csv.h"
#include "live/live.h"
#include "sys/succession.h"

#include <sys/types.h>

struct feed_params {
	const char *path;		   /* of the samples; "-" is stdin */
	const char *events, *load_summary; /* read repeatedly; or NULL */
	const char *name;		   /* of the load; or NULL */
	bool follow;			   /* the end of the file is not the end of the run */
};

enum { FEED_HEAD = 512, FEED_LEFT = 4 };

/* A file that was left for another of its name, which it may get back. */
struct feed_left {
	dev_t dev;
	ino_t ino;
	off_t size; /* up to which it was read */
	char head[FEED_HEAD];
	size_t head_len;
};

struct feed {
	struct live *live;
	const struct feed_params *params;
	struct csv csv;
	int fd; /* -1: the file is not there yet */
	bool regular;
	bool terminal; /* stdout is one */
	struct anchor wall;
	bool under_way;
	int64_t ahead_ns; /* stream time minus monotonic time, if under way */
	int64_t looked_ns;
	off_t events_size;
	bool idle, run_over, reader_gone;
	bool dry, more, eof, finished; /* nothing came lately; rows wait for their time; there is no more to read */
	bool peeked; /* its first row waits for those of the others */
	struct csv_row first; /* borrows from csv's buffer, so nothing is read meanwhile */
	struct succession *files; /* those that bear the name of a file that is followed; NULL: not followed */
	bool unwatched;		  /* the kernel did not tell of each, which was said */
	char head[FEED_HEAD];	  /* what the file began with */
	size_t head_len;
	int64_t caught_up_ns; /* when all of it was last read */
	int64_t replaced_ns; /* when the name was first seen to stand for another file; 0: never */
	struct feed_left left[FEED_LEFT]; /* the latest at left_count - 1, modulo FEED_LEFT */
	size_t left_count;
	int left_fd; /* the one before, for as long as its writer may go on; -1: none */
	off_t left_size; /* up to which that was read */
	int64_t left_ns; /* when it was left */
	bool quiet;	     /* nothing was read since the last look */
	const char *ended; /* reason of the end; NULL: not ended */
};

/* Opens the source; a file that is followed may come later. params and live are borrowed. */
int feed_init(struct feed *f, struct live *live, const struct feed_params *params, struct err *e);

/* Reads the first row, if it is there, and keeps it for feed_read. */
int feed_peek(struct feed *f, struct err *e);

/* The rows that are there up to that time of the stream, and one more; waits so long for the first of a pipe. */
int feed_read(struct feed *f, int wait_ms, int64_t until_ns, struct err *e);

/* Advances the time, looks at the events and at the files that bear the name, and writes lines; sets ended. */
int feed_look(struct feed *f, struct err *e);

/* The last lines, once it has ended. */
int feed_finish(struct feed *f, struct err *e);

#endif
