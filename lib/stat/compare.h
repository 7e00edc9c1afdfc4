/* How sure a difference between two runs is. Intervals are of the differences run - baseline, taken from
 * one run each: what varies from run to run is not in them. */
#ifndef STAT_COMPARE_H
#define STAT_COMPARE_H

#include "stat/hist.h"

struct bounds {
	double low, high; /* NaN if unknown */
};

/* Of a difference of two rates a second, from counts over so many seconds; dispersion: the variance of the
 * counts relative to independent arrivals. scale: what the baseline's rate is taken times. */
struct bounds compare_rates(double run_count, double run_s, double base_count, double base_s,
			    double scale, double dispersion, double z);

/* Of a difference of two shares: Wilson's intervals, joined after Newcombe 1998. */
struct bounds compare_shares(double run_bad, double run_all, double base_bad, double base_all,
			     double dispersion, double z);

/* Of a quantile in ns, by the ranks that it may have. */
struct bounds quantile_bounds(const struct hist *h, double q, double dispersion, double z);

/* Of a difference of two values whose own intervals are known (Zou and Donner 2008). */
struct bounds difference_bounds(double run, struct bounds run_in, double base,
				struct bounds base_in);

enum compare_verdict { COMPARE_PASS, COMPARE_FAIL, COMPARE_INCONCLUSIVE };

/* worse: bounds of how much worse it is. Fail: surely by more than the tolerance; pass: surely not. */
enum compare_verdict compare_verdict(struct bounds worse, double tolerance);

#endif
