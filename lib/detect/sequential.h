/* Sequential tests: is what lies beyond the user's thresholds more than chance?
 *
 * For each window a score is the logarithm of how much likelier its count is if things are
 * as bad as the threshold than if they are normal, divided by the dispersion of the normal:
 *	successes (Poisson)	[drop * expected - ok * ln(1 / (1 - drop))] / dispersion
 *	failures (Bernoulli)	[err * ln(p1 / p0) + ok * ln((1 - p1) / (1 - p0))] / dispersion
 *	slow successes		the same, of those slower than normal ones as a rule are
 * The threshold of failures is an absolute one: where more of the normal ones fail (baseline_unhealthy), p0
 * is half of it.
 * Scores are summed while the sum is above 0 (CUSUM, Page 1954). It is an alarm when the sum
 * reaches ln(3 windows / 0.01) - which chance does in at most about 1 % of the runs - and the
 * windows summed are on average beyond the threshold. The interval is that from where the sum left 0 to where it was
 * greatest: the stretch that has most evidence (Ruzzo and Tompa 1999).
 *
 * Two more ways to an alarm, for normals that vary so much that sums take long: a single window 6
 * standard deviations below, and a silence longer than chance leaves. */
#ifndef DETECT_SEQUENTIAL_H
#define DETECT_SEQUENTIAL_H

#include "detect/detect.h"

/* What is tested, one value for each window; windows that are not judged have 0 in all. */
struct evidence {
	double *score;	/* as above */
	double *margin; /* > 0 if the window is beyond the threshold; summed */
	double *count;	/* failures or slow ones: an alarm needs min_count of them */
	bool *certain;	/* an alarm at once; or NULL */
	double min_count;
	size_t min_windows;
};

enum { EVIDENCE_TESTS = 3 }; /* throughput, errors, latency */

struct segment {
	size_t start, end; /* half-open */
	size_t alarm;
	double evidence;
};

/* The stretches of n windows with evidence of at least level. Returns their number; *out is the
 * caller's to free. */
size_t segments_find(const struct evidence *e, size_t n, double level, struct segment **out);

/* ln(3 windows / 0.01). */
double alarm_level(size_t windows);

/* Seconds without a success that chance would produce in at most 1 % of the runs that have so many
 * requests. Of the noise it needs dispersion_1 and longest_gap_s. */
double silence_limit_s(const struct noise *n, double ok_per_s, double requests);

/* What detect() does for DETECTOR_AUTO, on windows that have been judged by thresholds. */
void detect_sequentially(struct detection *d, const struct grid *g, const struct baseline *b,
			 const struct detect_params *p);

/* The scores of all windows. The caller releases. */
struct evidence evidence_of_throughput(const struct detection *d, const struct grid *g,
				       const struct baseline *b, const struct detect_params *p);
struct evidence evidence_of_errors(const struct detection *d, const struct grid *g,
				   const struct baseline *b, const struct detect_params *p);
struct evidence evidence_of_latency(const struct detection *d, const struct grid *g,
				    const struct baseline *b);
void evidence_release(struct evidence *e);

/* Whether the window tells anything about the system under test, the warm-up aside. */
bool judge_meaningful(const struct grid *g, const double *planned, size_t k);

/* By the bare thresholds; b may be NULL. */
struct judgement judge_window(const struct grid *g, const double *planned,
			      const struct baseline *b, const struct detect_params *p, size_t k);

/* Makes the intervals of d from its anomalous windows. */
void judge_intervals(struct detection *d, const struct grid *g);

#endif
