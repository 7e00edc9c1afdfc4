/* Anomaly detection: which seconds of a run were anomalous, and when it recovered.
 *
 * A second is judged if it is after the warm-up, was measured, lies at least half within the run,
 * and it is no rest. A rest is a second in which nothing was due by the plan, or, since the baseline
 * has such seconds regularly, by the rhythm of the load; any other without a request is judged: it
 * may be the silence of a load that waits for the system.
 *
 * DETECTOR_THRESHOLD: a judged second is anomalous if
 *	completed_ok < (1 - throughput_drop) * expected successes, or
 *	err / due > error_rate.
 * DETECTOR_AUTO also requires that chance does not explain what is beyond the thresholds (see
 * sequential.h). Its intervals reach from the change to the first healthy_windows healthy windows in
 * a row, and all judged windows of an interval are anomalous.
 * The windows of the grid need not be seconds, but all times here count in windows. */
#ifndef DETECT_H
#define DETECT_H

#include "grid/grid.h"

enum detect_reason {
	REASON_THROUGHPUT = 1,
	REASON_ERRORS = 2,
	REASON_LATENCY = 4, /* this and the next only with DETECTOR_AUTO */
	REASON_SILENCE = 8, /* no success for longer than chance explains */
};

enum detector { DETECTOR_THRESHOLD, DETECTOR_AUTO };

struct detect_params {
	double throughput_drop; /* 0-1: largest tolerated drop against the baseline */
	double error_rate;	/* 0-1; also of slow successes, see noise.slow_ns */
	double latency_factor, latency_min_ms; /* a success that is slower by both is slow */
	double warmup_s;	/* windows that start before this are not judged */
	size_t healthy_windows; /* consecutive healthy windows that make a recovery */
	enum detector detector;
	/* For DETECTOR_AUTO: least number of windows that the bound on false alarms covers. A
	 * live run is judged again with every window. */
	size_t run_windows;
	unsigned open; /* reasons of an alarm under way before the first window */
};
#define DETECT_DEFAULTS \
	{.throughput_drop = 0.5, .error_rate = 0.1, .latency_factor = 1.5, .latency_min_ms = 5, \
	 .warmup_s = 5, .healthy_windows = 5}

/* How much the baseline varies. dispersion: index of dispersion of its counts over 1-16 windows;
 * 1 for Poisson. Never updated later: a baseline that went on learning would adapt to a slow
 * decline. */
struct noise {
	size_t windows;		/* windows it was learned from; 0: the noise is unknown */
	double dispersion, dispersion_1; /* of successes; _1: over single windows */
	double error_rate, error_dispersion;
	double failed, tried;	/* failures and requests behind error_rate */
	/* Latency above which a success is slow: latency_factor times the usual one, which a share of
	 * error_rate exceeds, and latency_min_ms more than it. 0 if unknown, as is p99_ns. */
	int64_t slow_ns, p99_ns;
	double slow_rate, slow_dispersion;
	double longest_gap_s;	/* between successes in healthy windows */
};

enum {
	BASELINE_MIN = 2,     /* windows without which nothing can be said of what is normal */
	BASELINE_ENOUGH = 20, /* with fewer it is a short baseline, and chance alarms more often */
};

/* The baseline: successes per window, NaN if unknown (throughput is then not judged). Where both
 * runs have a plan, the share of planned requests that succeed is used instead. */
struct baseline {
	double ok_per_window;
	double ok_per_planned; /* NaN unless the planned rate was known */
	size_t windows;	       /* windows it was taken from */
	bool rests;	       /* windows in which nothing was due are usual in it */
	struct noise noise;    /* see noise_learn; all 0 counts as unknown */
};

/* Median over the windows [from, to) of the grid that can be judged. planned: requests planned
 * for each window, or NULL. */
struct baseline baseline_of(const struct grid *g, const double *planned, size_t from, size_t to);

/* Like baseline_of, but skips runs of at least 20 windows without a success unless chance
 * explains them: for a run that may contain faults. */
struct baseline baseline_of_whole(const struct grid *g, const double *planned, size_t from, size_t to);

/* Fills b->noise from the windows that b was taken from, except those that look anomalous. */
void noise_learn(struct baseline *b, const struct grid *g, const double *planned, size_t from,
		 size_t to, const struct detect_params *p);

/* True if the baseline itself exceeds the error threshold of p. */
bool baseline_unhealthy(const struct baseline *b, const struct detect_params *p);

/* True if the baseline does not tell the normal error rate, since it exceeds the threshold or is too
 * short. Failures are then judged as if half the threshold were normal. */
bool baseline_errors_unknown(const struct baseline *b, const struct detect_params *p);

struct judgement {
	bool judged, anomalous;
	bool healthy; /* well within the thresholds; stricter than not anomalous */
	bool served;  /* healthy but for its latency */
	bool unmeasured;  /* rows are missing: not judged, and ends a row of healthy windows */
	unsigned reasons; /* a set of enum detect_reason */
	double expected;  /* successes; NaN if unknown */
	double ratio;	  /* completed_ok / expected; NaN if unknown */
	/* second at which the silence around it became certain; NaN if there is none */
	double silent_s;
};

struct interval {
	size_t start, end; /* windows, half-open */
	unsigned reasons;
	double min_ratio;	/* NaN if no baseline */
	double max_error_rate;
	size_t alarm;	   /* window at whose end the alarm was raised; start by bare thresholds */
	double silent_s;   /* second at which its first silence became certain; NaN if none */
	double evidence;   /* log-likelihood ratio of a change against chance; NaN by thresholds */
};

struct detection {
	struct judgement *windows; /* one per window of the grid; owned */
	size_t count;
	struct interval *intervals; /* owned */
	size_t interval_count;
	size_t judged, anomalous; /* windows */
	/* The first window whose judgement later windows may change; those from the last success on are
	 * among them. */
	size_t settled;
	/* true if windows that were not judged do not split an interval (DETECTOR_AUTO) */
	bool joined;
	double alarm_level; /* log-likelihood ratio needed for an alarm; NaN by thresholds */
};

/* planned may be NULL; b may be NULL. The caller releases d. */
void detect(struct detection *d, const struct grid *g, const double *planned,
	    const struct baseline *b, const struct detect_params *p);
void detection_release(struct detection *d); /* accepts a zeroed one */

/* One kind of trouble after a fault, and the first of the healthy windows in a row without it. */
struct trouble {
	bool seen, over;
	size_t end; /* if seen and over */
};

/* What followed a fault, in windows from the start of the run. */
struct recovery {
	bool affected;	  /* an anomalous window followed */
	bool settled;	  /* healthy_windows healthy windows followed: nothing later can change it */
	bool censored;	  /* no recovery before the end of the run: the times below are lower bounds */
	size_t first;	  /* the first anomalous window */
	size_t relapses;  /* healthy stretches that ended before the recovery or while the fault lasted */
	size_t recovered; /* the first of the healthy windows in a row; the end of the run if censored */
	size_t well_since; /* if censored: the first of the healthy windows at the end, too few; or SIZE_MAX */
	struct trouble errors;	/* failures, lack of successes, silence */
	struct trouble latency; /* windows with few successes do not count */
};

/* at: time of the injection, until: of the revert, next: of the first fault that began after the
 * revert (NaN: never), all in windows with a fraction. Recovery from this fault is not waited for
 * beyond the next one if a healthy window lies before it. A fault that was reverted and followed by healthy_windows healthy windows before any
 * anomaly had no effect; later anomalies are not attributed to it. */
struct recovery recovery_after(const struct detection *d, double at, double until, double next,
			       size_t healthy_windows);

#endif
