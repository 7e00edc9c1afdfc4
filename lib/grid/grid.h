/* The grid: samples counted into windows of equal length (one second, usually) from slot 0
 * to the end of the run, with a window for every second in which nothing came.
 *
 *	struct grid g;
 *	grid_init(&g, NS_PER_S, slot0_ns or 0);
 *	for each row: grid_add(&g, due_ns, latency_ns, error class, 0 if it succeeded);
 *	grid_finish(&g, declared_end_ns or 0);
 *	for (size_t k = 0; k < g.count; k++) use g.windows[k], grid_latency(&g, k, &hist)
 *	grid_release(&g);
 *
 * due, ok, err and latencies belong to the window in which the request was due, completed_ok to the
 * one in which the answer was complete. Rows may come in any order.
 *
 * A run of more windows than GRID_WINDOWS_MAX makes them longer; see grid_widen.
 *
 * Memory: 104 bytes a window, 24 more for each node in it, an exact packed histogram of its latencies
 * (1 to 3 bytes for each of its distinct latencies, at most 64 an octave; about 300 bytes for latencies
 * from 10 to 150 ms), and 400 kB. It grows with the length of the run, never with the number of rows. */
#ifndef GRID_H
#define GRID_H

#include "grid/hist.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GRID_CLASSES = 32,	 /* error classes are below this; 0 is success */
	GRID_WINDOWS_MAX = 1 << 20, /* 12 days of seconds; then the windows are widened */
	GRID_DUE_ENOUGH = 10,	 /* requests in a window of grid_usual_window */
	GRID_LIVE = 16,		 /* windows whose histogram is kept unpacked */
	GRID_PENDING = 4096,	 /* rows buffered until the start is known */
	GRID_UNSIZED = 256,	 /* rows of counts buffered until their length is known ... */
	GRID_UNSIZED_MAX = 1 << 16, /* ... if all are of one time, as of many nodes, until another comes */
	GRID_DUE_MAX = INT32_MAX, /* requests in one window */
	GRID_UNJUDGED = 128,	 /* flag in grid_row.error for grid_add_unjudged */
};

/* Starts and ends of runs are cut to the years 1970 to 2200; due times must lie within them. */
#define GRID_TIME_MAX_NS (INT64_C(7258118400) * 1000000000)

struct grid_window {
	uint32_t due, ok, err;	 /* by due time; due = ok + err */
	uint32_t completed_ok, completed_err; /* by completion */
	uint32_t lost;		 /* rows the writer dropped */
	uint32_t unjudged;	 /* requests of grid_add_unjudged, not included in due */
	bool unmeasured;	 /* rows were dropped, so the window is not judged */
	bool estimated;		 /* covered is told from the number of requests; see grid_natural_end */
	float covered;		 /* fraction of the window within the run, 1 but for the last */
	/* Offsets from the window's start in us; UINT32_MAX: none. */
	uint32_t first_ok_us, last_ok_us; /* by completion */
	uint32_t first_err_us;	 /* by due time */
	uint32_t late_us;	 /* the longest of grid_row.late_us */
	uint32_t *classes;	 /* failures by class, or NULL if there was none; owned */
	unsigned char *packed;	 /* latencies of the successes; use grid_latency; owned */
};

struct grid_row {
	int64_t due_ns, latency_ns;
	uint32_t late_us; /* one more than the time from due to sent; 0: unknown */
	uint8_t error;
	uint16_t bucket; /* hist_bucket(latency_ns) */
};

/* A row of counts: many requests, counted by another tool. */
struct grid_counts {
	int64_t from_ns, length_ns; /* length_ns 0: the distance between two such rows */
	uint32_t ok, err;
	/* Percentiles of the latencies of ok; negative if unknown. */
	int64_t p50_ns, p95_ns, p99_ns;
	unsigned error; /* the class of err, below GRID_CLASSES */
};

/* Cache of the window in which the last row was due. */
struct grid_near {
	int64_t from_ns;
	/* length from its start to the end of the last window that exists */
	uint64_t done_before_ns;
	struct grid_window *window;
	struct hist *live;
};

struct grid {
	struct grid_window *windows; /* window 0 starts at t0_ns; valid after grid_finish */
	size_t count;		     /* windows; valid after grid_finish */
	int64_t t0_ns, end_ns;	     /* UNIX time of window 0 and of the end of the run */
	int64_t window_ns;
	uint64_t rows;		     /* rows counted in a window */
	uint64_t unjudged;	     /* requests of grid_add_unjudged, not included in rows */
	int64_t left_open;	     /* of the windows that were forgotten; see grid_left_open */
	uint64_t lost;		     /* rows the writer dropped */
	bool no_failures;	     /* the rows do not tell what failed; set by the caller */
	bool no_unanswered;	     /* they lack requests without an answer; set by the caller */
	uint64_t outside;	     /* rows before the declared start or far from all others */
	uint64_t far;		     /* of these, the latter */
	/* rows of counts refused because a window would exceed GRID_DUE_MAX */
	uint64_t overfull;
	int64_t last_due_ns;	     /* of the counted rows; INT64_MIN if there are none */
	/* The largest of 1 s, 0.1 s, ... 1 us that divides the due times of all rows. */
	int64_t resolution_ns;
	/* The earliest due time, of a row that came after the start was told from others: window 0 begins up to
	 * a window before it. 0: it begins with the earliest, or the start was declared or expected. */
	int64_t early_ns;

	/* Private to the grid. */
	bool declared, expected, settled, ended;
	int64_t base;		     /* number of windows[0] counted from t0_ns; may be negative */
	size_t alloc, used;
	struct grid_row *pending;
	size_t pending_count;
	struct hist *live;	     /* GRID_LIVE histograms ... */
	int64_t *live_of;	     /* ... and the window that each belongs to */
	struct grid_near near;
	struct grid_counts *unsized; /* rows of counts without a known length */
	size_t unsized_count, unsized_alloc;
	int64_t step_ns;	     /* the length of such rows; 0: unknown */
	int64_t counted_until_ns;    /* the latest end of all rows of counts */
};

/* t0_ns: UNIX time of slot 0 if it is known, else 0: then the earliest due time of the first GRID_PENDING rows is
 * second 0; see early_ns. */
void grid_init(struct grid *g, int64_t window_ns, int64_t t0_ns);
/* Sets a preliminary start; only before the first row, if none is declared. Earlier rows move it
 * back. */
void grid_expect(struct grid *g, int64_t t0_ns);
void grid_release(struct grid *g); /* accepts a zeroed grid */

/* Counts one request. error: 0 for a success, else its class, below GRID_CLASSES. */
void grid_add(struct grid *g, int64_t due_ns, int64_t latency_ns, unsigned error);

/* Counts a request with an unknown result, such as one aborted at the end of the run: it extends
 * the run and its class is counted, but it is neither due nor failed. */
void grid_add_unjudged(struct grid *g, int64_t due_ns, unsigned error);

/* Adds a row of counts: requests spread evenly over its time and complete in the window in which
 * they were due, latencies as by hist_record_quantiles, or none unless all three percentiles are
 * known. */
void grid_add_counts(struct grid *g, const struct grid_counts *counts);

/* Adds many rows at once, unchecked: latency_ns must not be negative, */
void grid_add_rows(struct grid *g, const struct grid_row *rows, size_t count);

/* Records that count rows were dropped between two UNIX times: their windows become unmeasured. */
void grid_add_lost(struct grid *g, uint64_t count, int64_t from_ns, int64_t to_ns);

/* Ends the input. The run ends at end_ns; if that is 0 or before the last due time, at
 * grid_natural_end. Makes the windows up to there, also empty ones. */
void grid_finish(struct grid *g, int64_t end_ns);

/* The end as the rows tell it: one usual gap after the last due time, or at a window's edge closer
 * than a gap. A due time may stand for any in its resolution (whole seconds: for any of that
 * second), so not before that is over or the window is; but if that has fewer than half of the
 * usual requests, where those end by the usual gap, as the log may end anywhere in it: then
 * *estimated is true. There must be a row. */
int64_t grid_natural_end(const struct grid *g, bool *estimated);

/* For a live run: makes the count windows that ended by until_ns valid, as grid_finish does;
 * later rows may still change them. Fixes the start: earlier rows count as outside. Without a row
 * so far, until_ns is the start. */
void grid_so_far(struct grid *g, int64_t until_ns);

/* After grid_so_far: drops the first n windows, which need not all exist, and moves t0_ns. Their later
 * rows count as outside. */
void grid_forget(struct grid *g, size_t n);

/* Joins every factor windows to one, from t0 on. A joined window is unmeasured if a part of it was.
 * A plan of the windows must be made anew. */
void grid_widen(struct grid *g, unsigned factor);

/* The lengths of windows that programs choose from, ascending; each is a number of seconds. */
enum { GRID_LENGTHS = 9 };
extern const int64_t grid_lengths_ns[GRID_LENGTHS];

/* The shortest of these that holds GRID_DUE_ENOUGH requests, in the median of the windows in which
 * any was due; the longest if none does. Only multiples of the present length are considered. */
int64_t grid_usual_window(const struct grid *g);

/* Latencies of the successes due in window k; empties out first. */
void grid_latency(const struct grid *g, size_t k, struct hist *out);

/* Adds the latencies of the windows [from, to) to out. */
void grid_latency_add(const struct grid *g, size_t from, size_t to, struct hist *out);

/* True of a window before UNIX time began_ns, and of the one in which a load that no plan tells of began then,
 * if more of it lies before than a gap between its requests. k: its number, from t0_ns on. */
bool grid_is_before(const struct grid *g, size_t k, int64_t began_ns);

/* All requests counted in windows. */
static inline uint64_t grid_requests(const struct grid *g)
{
	return g->rows + g->unjudged;
}

/* What the window adds to the requests that are due and have not ended; below 0: it takes away. */
static inline int64_t grid_left_open(const struct grid_window *w)
{
	return (int64_t)w->due - w->completed_ok - w->completed_err;
}

/* True if the share of failures is not known. */
static inline bool grid_lacks(const struct grid *g)
{
	return g->no_failures || g->no_unanswered;
}

static inline double grid_error_rate(const struct grid_window *w)
{
	return w->due ? (double)w->err / w->due : 0;
}

#endif
