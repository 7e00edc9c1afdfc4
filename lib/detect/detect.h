/* Which seconds of a run were bad, and when it was good again.
 *
 * A second is judged if it is after the warm-up, was measured, lies at least half within the run,
 * and its planned rate (where known) is not 0.
 *
 * DETECTOR_THRESHOLD: a judged second is anomalous if
 *	completed_ok < (1 - throughput_drop) * expected successes, or
 *	err / due > error_rate.
 * DETECTOR_AUTO asks for more than the user's thresholds: that chance does not explain what is
 * beyond them (see sequential.h). Its intervals reach from the change to the first healthy_windows
 * healthy windows in a row, and all judged windows of an interval are anomalous.
 * The windows of the grid need not be seconds, but all times here count in windows. */
#ifndef DETECT_H
#define DETECT_H

#include "grid/grid.h"

enum detect_reason {
	REASON_THROUGHPUT = 1,
	REASON_ERRORS = 2,
	REASON_LATENCY = 4, /* DETECTOR_AUTO alone finds it and the next */
	REASON_SILENCE = 8, /* no success for longer than chance leaves one out */
};

enum detector { DETECTOR_THRESHOLD, DETECTOR_AUTO };

struct detect_params {
	double throughput_drop; /* 0-1: the drop against the baseline that is too much */
	double error_rate;	/* 0-1 */
	double warmup_s;	/* windows that start before this are not judged */
	size_t healthy_windows; /* so many in a row are a recovery */
	enum detector detector;
	/* Of DETECTOR_AUTO: the bound on false alarms is for at least so many windows. A run that
	 * goes on is judged again and again. */
	size_t run_windows;
};
#define DETECT_DEFAULTS {.throughput_drop = 0.5, .error_rate = 0.1, .warmup_s = 5, .healthy_windows = 5}

/* How much the normal varies: the variance of counts over sums of 1 to 16 windows, relative to
 * what independent arrivals have (1). Frozen once it is learned: a baseline that learned on
 * would get used to a slow decline. */
struct noise {
	size_t windows;		/* that it was learned from; 0: unknown */
	double dispersion, dispersion_1; /* of successes; of sums of one window alone */
	double error_rate, error_dispersion;
	double failed, tried;	/* requests that error_rate was learned from */
	/* A success that took longer is slow: 1.5 times the 99th percentile, and 1 ms more. */
	int64_t slow_ns;
	double slow_rate, slow_dispersion;
	double longest_gap_s;	/* between successes in healthy windows */
	bool own;		/* learned from the run that is judged, its anomalies left out */
};

/* What is normal: successes a window, NaN if unknown (then throughput is not judged). With
 * planned rates on both sides, the share of the planned requests that succeed. */
struct baseline {
	double ok_per_window;
	double ok_per_planned; /* NaN unless the planned rate was known */
	size_t windows;	       /* that it was taken from */
	struct noise noise;    /* see noise_learn; all 0 counts as unknown */
};

/* The median window of grid among those from (inclusive) to (exclusive) that can be judged.
 * planned: requests planned for each window, or NULL. */
struct baseline baseline_of(const struct grid *g, const double *planned, size_t from, size_t to);

/* The same of a run in which anything may have happened, with what it was most of the time that it gave
 * answers at all: long stretches without a success are left out, where they cannot be chance. */
struct baseline baseline_of_whole(const struct grid *g, const double *planned, size_t from, size_t to);

/* Fills b->noise from windows of the grid that b was taken from. Excursions that look anomalous
 * are left out. own: it is the whole of the run that will be judged. */
void noise_learn(struct baseline *b, const struct grid *g, const double *planned, size_t from,
		 size_t to, const struct detect_params *p, bool own);

/* Whether what passes for normal fails more often than p allows: it was not healthy, and failures are
 * judged as if half of what is allowed were normal. */
bool baseline_unhealthy(const struct baseline *b, const struct detect_params *p);

struct judgement {
	bool judged, anomalous;
	bool healthy; /* clearly well, which is more than not being anomalous */
	bool unmeasured;  /* nobody knows: not judged, and no part of a recovery */
	unsigned reasons; /* a set of enum detect_reason */
	double expected;  /* successes; NaN if unknown */
	double ratio;	  /* completed_ok / expected; NaN if unknown */
	double silent_s;  /* when the silence that it lies in was certain, to less than a window; NaN if none */
};

struct interval {
	size_t start, end; /* windows, half-open */
	unsigned reasons;
	double min_ratio;	/* NaN if no baseline */
	double max_error_rate;
	size_t alarm;	   /* the window at whose end it was certain; start if by bare thresholds */
	double silent_s;   /* when the first silence in it was certain; NaN if none was */
	double evidence;   /* ln of how much likelier a change is than chance; NaN by thresholds */
};

struct detection {
	struct judgement *windows; /* one for each of the grid; owned */
	size_t count;
	struct interval *intervals; /* owned */
	size_t interval_count;
	size_t judged, anomalous; /* windows */
	bool joined; /* by DETECTOR_AUTO: windows that were not judged do not part an interval */
	double alarm_level; /* the evidence that was asked for; NaN by thresholds */
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
	size_t relapses;  /* how often it was healthy for a window or more and then not, before it was well */
	size_t recovered; /* the first of the healthy windows in a row; the end of the run if censored */
};

/* at: the injection, in windows (a second, and its fraction) from the start of the run. until: the
 * fault was lifted then (NaN: never). A fault that was lifted and followed by healthy windows
 * in a row before anything was anomalous had no effect: what comes later is not its doing. */
struct recovery recovery_after(const struct detection *d, double at, double until,
			       size_t healthy_windows);

#endif
