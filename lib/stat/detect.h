/* Which seconds of a run were bad, by the user's thresholds, and when it was good again.
 *
 * A second is judged if it is after the warm-up, was measured, lies at least half within the run,
 * and its planned rate (where known) is not 0. A judged second is anomalous if
 *	completed_ok < (1 - throughput_drop) * expected successes, or
 *	err / due > error_rate.
 * The windows of the grid need not be seconds, but all times here count in windows. */
#ifndef STAT_DETECT_H
#define STAT_DETECT_H

#include "stat/grid.h"

enum detect_reason {
	REASON_THROUGHPUT = 1,
	REASON_ERRORS = 2,
};

struct detect_params {
	double throughput_drop; /* 0-1: the drop against the baseline that is too much */
	double error_rate;	/* 0-1 */
	double warmup_s;	/* windows that start before this are not judged */
	size_t healthy_windows; /* so many in a row are a recovery */
};
#define DETECT_DEFAULTS {.throughput_drop = 0.5, .error_rate = 0.1, .warmup_s = 5, .healthy_windows = 5}

/* What is normal: successes a window, NaN if unknown (then throughput is not judged). With
 * planned rates on both sides, the share of the planned requests that succeed. */
struct baseline {
	double ok_per_window;
	double ok_per_planned; /* NaN unless the planned rate was known */
	size_t windows;	       /* that it was taken from */
};

/* The median window of grid among those from (inclusive) to (exclusive) that can be judged.
 * planned: requests planned for each window, or NULL. */
struct baseline baseline_of(const struct grid *g, const double *planned, size_t from, size_t to);

struct judgement {
	bool judged, anomalous;
	bool unmeasured;  /* nobody knows: not judged, and no part of a recovery */
	unsigned reasons; /* a set of enum detect_reason */
	double expected;  /* successes; NaN if unknown */
	double ratio;	  /* completed_ok / expected; NaN if unknown */
};

struct interval {
	size_t start, end; /* windows, half-open */
	unsigned reasons;
	double min_ratio;	/* NaN if no baseline */
	double max_error_rate;
};

struct detection {
	struct judgement *windows; /* one for each of the grid; owned */
	size_t count;
	struct interval *intervals; /* owned */
	size_t interval_count;
	size_t judged, anomalous; /* windows */
};

/* planned may be NULL; b may be NULL. The caller releases d. */
void detect(struct detection *d, const struct grid *g, const double *planned,
	    const struct baseline *b, const struct detect_params *p);
void detection_release(struct detection *d); /* accepts a zeroed one */

/* What followed a fault. All in windows from the start of the run. */
struct recovery {
	bool affected;	  /* an anomalous window followed */
	bool censored;	  /* no recovery before the end of the run: the times below are lower bounds */
	size_t first;	  /* the first anomalous window */
	size_t recovered; /* the first of the healthy windows in a row; the end of the run if censored */
};

/* at: the injection, in windows (a second, and its fraction) from the start of the run. until: the
 * fault was lifted then (NaN: never). A fault that was lifted and followed by healthy windows
 * in a row before anything was anomalous had no effect: what comes later is not its doing. */
struct recovery recovery_after(const struct detection *d, double at, double until,
			       size_t healthy_windows);

#endif
