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
 * Memory: 96 bytes a window, 24 more for each node in it, an exact packed histogram of its latencies
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
	GRID_WINDOWS_MAX = 1 << 20, /* 12 days of seconds; rows beyond are counted as outside */
	GRID_LIVE = 16,		 /* windows whose histogram is kept unpacked */
	GRID_PENDING = 4096,	 /* rows held back until the start is known */
	GRID_HELD = 256,	 /* counts held back until their length is known */
	GRID_DUE_MAX = INT32_MAX, /* requests in one window */
	GRID_NODES = 32,	 /* nodes that are also counted each for itself, by window */
	GRID_UNJUDGED = 128,	 /* in grid_row.error: that of grid_add_unjudged */
};

/* What one node had of a window. Offsets as in grid_window. */
struct grid_node {
	uint32_t due, err, completed_ok;
	uint32_t first_ok_us, last_ok_us, first_err_us;
};

struct grid_window {
	uint32_t due, ok, err;	 /* by due time; due = ok + err */
	uint32_t completed_ok;	 /* successes by completion */
	uint32_t lost;		 /* rows that the writer had to drop */
	uint32_t unjudged;	 /* requests due in it that are not among due; see grid_add_unjudged */
	bool unmeasured;	 /* some rows were dropped: neither good nor bad */
	float covered;		 /* fraction of the window within the run, 1 but for the last */
	/* Offsets from the window's start in us, UINT32_MAX if there was none. */
	uint32_t first_ok_us, last_ok_us; /* by completion */
	uint32_t first_err_us;	 /* by due time */
	uint32_t *classes;	 /* failures by class, or NULL if there was none; owned */
	unsigned char *packed;	 /* latencies of the successes; use grid_latency; owned */
	/* What the above are the sums of, once the grid is finished: [0] of no node in particular, then
	 * nodes by their numbers. Use grid_of_node. Owned. */
	struct grid_node *parts;
	unsigned part_count;
};

struct grid_row {
	int64_t due_ns, latency_ns;
	uint8_t error;
	uint8_t part;	 /* index of grid_window.parts */
	uint16_t bucket; /* hist_bucket(latency_ns) */
};

/* Many requests, counted by another tool. */
struct grid_counts {
	int64_t from_ns, length_ns; /* length_ns 0: as long as from one such row to the next */
	uint32_t ok, err;
	/* Of the latencies of ok; negative if they are not known. */
	int64_t p50_ns, p95_ns, p99_ns;
	unsigned error; /* the class of err, below GRID_CLASSES */
	unsigned node;
};

/* The window that the last row was due in, so that the next need not search. */
struct grid_near {
	int64_t from_ns;
	uint64_t done_before_ns; /* from its start to the end of the last window that is known to be there */
	struct grid_window *window;
	struct hist *live;
};

struct grid {
	struct grid_window *windows; /* window 0 starts at t0_ns; valid after grid_finish */
	size_t count;		     /* windows; valid after grid_finish */
	int64_t t0_ns, end_ns;	     /* UNIX time of window 0 and of the end of the run */
	int64_t window_ns;
	uint64_t rows;		     /* rows counted in a window */
	uint64_t unjudged;	     /* requests that are not among rows; see grid_add_unjudged */
	uint64_t lost;		     /* rows the writer dropped */
	uint64_t outside;	     /* rows before the declared start or beyond GRID_WINDOWS_MAX */
	uint64_t overfull;	     /* rows of counts that made a window hold more than GRID_DUE_MAX */
	int64_t last_due_ns;	     /* of the rows counted; INT64_MIN if there are none */

	/* The rest is the grid's own. */
	bool declared, expected, settled;
	int64_t base;		     /* number of windows[0] counted from t0_ns; may be negative */
	size_t alloc, used;
	struct grid_row *pending;
	size_t pending_count;
	struct hist *live;	     /* GRID_LIVE histograms ... */
	int64_t *live_of;	     /* ... and the window that each belongs to */
	struct grid_near near;
	struct grid_counts *held;    /* those without a length, until it is known */
	size_t held_count;
	int64_t step_ns;	     /* their length; 0: not known */
	int64_t counted_until_ns;    /* the end of the last of all counts */
};

/* t0_ns: UNIX time of slot 0 if it is known, else 0: then the earliest due time is second 0. */
void grid_init(struct grid *g, int64_t window_ns, int64_t t0_ns);
/* Before there is a row, without a start: the run starts then, unless a row is earlier. */
void grid_expect(struct grid *g, int64_t t0_ns);
void grid_release(struct grid *g); /* accepts a zeroed grid */

/* Counts one request to the node of that number; from GRID_NODES on nodes are not told apart. error is 0
 * for a success, else its class, below GRID_CLASSES. */
void grid_add(struct grid *g, int64_t due_ns, int64_t latency_ns, unsigned error, unsigned node);

/* A request of which nobody knows how it would have ended: the run reaches as far as it was due, and its
 * class is counted, but it is neither due nor a failure. */
void grid_add_unjudged(struct grid *g, int64_t due_ns, unsigned error);

/* Adds counts: spread evenly over their time, and complete in the window in which they were due, with
 * latencies as hist_record_quantiles has them; without all three there are none. */
void grid_add_counts(struct grid *g, const struct grid_counts *counts);

/* The same of many rows at once, as they are: latencies from 0 on, and part as grid_part has it. */
void grid_add_rows(struct grid *g, const struct grid_row *rows, size_t count);

static inline uint8_t grid_part(unsigned node)
{
	return (uint8_t)(node < GRID_NODES ? node + 1 : 0);
}

/* Marks the windows between two UNIX times as unmeasured: count rows were dropped there. */
void grid_add_lost(struct grid *g, uint64_t count, int64_t from_ns, int64_t to_ns);

/* No more rows. The run ends at end_ns; if that is 0 or before the last due time, one usual gap
 * after the last due time, or at the window's edge that is nearer than that. Windows up to there
 * are made, also those without a row. */
void grid_finish(struct grid *g, int64_t end_ns);

/* For a run that goes on: the windows that have ended at until_ns, count of them, are valid as after
 * grid_finish, also those without a row; what is due later waits. From then on the start stands:
 * rows before it are outside. Where there is no row yet, until_ns is the start. */
void grid_so_far(struct grid *g, int64_t until_ns);

/* After grid_so_far: forgets the first n windows; t0_ns moves on. Rows of theirs are outside. */
void grid_forget(struct grid *g, size_t n);

/* The latencies of the successes due in window k, into out (which is emptied first). */
void grid_latency(const struct grid *g, size_t k, struct hist *out);

/* The same of windows from (inclusive) to to (exclusive), added to out. */
void grid_latency_add(const struct grid *g, size_t from, size_t to, struct hist *out);

/* What one node had of a finished grid, as a grid without latencies. The caller releases. */
void grid_of_node(const struct grid *g, unsigned node, struct grid *out);

/* All that was counted in a window. */
static inline uint64_t grid_requests(const struct grid *g)
{
	return g->rows + g->unjudged;
}

static inline double grid_error_rate(const struct grid_window *w)
{
	return w->due ? (double)w->err / w->due : 0;
}

#endif
