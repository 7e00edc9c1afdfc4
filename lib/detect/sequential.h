/* Sequential tests: does chance explain what is beyond the user's thresholds?
 *
 * The score of a window is the log-likelihood ratio of its count, as bad as the threshold against normal,
 * divided by the dispersion of the baseline:
 *	successes (Poisson)	[drop * expected - ok * ln(1 / (1 - drop))] / dispersion
 *	failures (Bernoulli)	[err * ln(p1 / p0) + ok * ln((1 - p1) / (1 - p0))] / dispersion
 *	slow successes		as failures, with the same threshold; slow: above slow_ns of the baseline
 * The error threshold is absolute: if the baseline itself exceeds it (baseline_unhealthy), p0 is half of
 * it. Scores are summed while the sum is above 0 (CUSUM, Page 1954). The alarm is raised when the sum
 * reaches ln(3 windows / 0.01), which chance does in at most about 1 % of the runs, and the mean of the
 * summed windows is beyond the threshold. The interval reaches from where the sum left 0 to its maximum:
 * the segment with the most evidence (Ruzzo and Tompa 1999).
 *
 * Two more tests serve baselines so variable that sums take long: a single window 6 standard
 * deviations below the expectation, and a silence longer than chance explains. */
#ifndef DETECT_SEQUENTIAL_H
#define DETECT_SEQUENTIAL_H

#include "detect/detect.h"

/* One test: a value per window, 0 for windows that are not judged. */
struct evidence {
	double *score;	/* log-likelihood ratio, see above */
	double *margin; /* above 0 if the window is beyond the threshold; summed like scores */
	double *count;	/* failures or slow successes; an alarm needs min_count */
	bool *certain;	/* the window alone raises an alarm; or NULL */
	bool open;	/* an alarm is under way before the first window */
	double min_count;
	size_t min_windows;
};

enum { EVIDENCE_TESTS = 3 }; /* throughput, errors, latency */

struct segment {
	size_t start, end; /* half-open */
	size_t alarm;
	double evidence;
};

/* Finds the segments of n windows with evidence of at least level. Returns their number; the
 * caller frees *out. *open: where a sum above 0 began that lasts to the end; n if there is none. */
size_t segments_find(const struct evidence *e, size_t n, double level, struct segment **out,
		     size_t *open);

/* ln(3 windows / 0.01). */
double alarm_level(size_t windows);

/* Seconds without a success that chance would produce in at most 1 % of runs with that number of
 * requests. Reads dispersion_1 and longest_gap_s of the noise. */
double silence_limit_s(const struct noise *n, double ok_per_s, double requests);

/* The part of detect() for DETECTOR_AUTO; the windows have been judged by thresholds. */
void detect_sequentially(struct detection *d, const struct grid *g, const struct baseline *b,
			 const struct detect_params *p);

/* The three tests. The caller releases. */
struct evidence evidence_of_throughput(const struct detection *d, const struct grid *g,
				       const struct baseline *b, const struct detect_params *p);
struct evidence evidence_of_errors(const struct detection *d, const struct grid *g,
				   const struct baseline *b, const struct detect_params *p);
struct evidence evidence_of_latency(const struct detection *d, const struct grid *g,
				    const struct baseline *b, const struct detect_params *p);
void evidence_release(struct evidence *e);

/* True if the window is measured, long enough and had requests to judge; rests: see struct
 * baseline. Ignores the warm-up. */
bool judge_meaningful(const struct grid *g, const double *planned, size_t k, bool rests);

/* Judges one window by the bare thresholds; b may be NULL. */
struct judgement judge_window(const struct grid *g, const double *planned,
			      const struct baseline *b, const struct detect_params *p, size_t k);

/* Builds the intervals of d from its anomalous windows. */
void judge_intervals(struct detection *d, const struct grid *g);

#endif
