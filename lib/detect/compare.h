/* How sure a difference between two runs is. Intervals are of the differences run - baseline, taken from
 * one run each: what varies from run to run is not in them, but for between_bounds. */
#ifndef DETECT_COMPARE_H
#define DETECT_COMPARE_H

#include "grid/hist.h"

#include <stdbool.h>
#include <stddef.h>

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

/* How many standard deviations away a share of alpha lies, both sides together: of Student's t with
 * so many degrees of freedom, of the normal distribution for 0 (Abramowitz and Stegun 26.7). */
double critical_value(double alpha, size_t freedom);

/* Of the difference to the mean of count values, each from a run of its own, by how much those vary: the
 * interval for one more such run, x +- t s sqrt(1 + 1/count). Unknown for less than 3. */
struct bounds between_bounds(double run, const double *base, size_t count, double alpha);

/* The standard deviation of values; NaN for less than 2. */
double deviation_of(const double *values, size_t count);

/* Cliff's delta: how much oftener a value of the run is larger than one of the baseline than it is
 * smaller, from -1 to 1; 2 A12 - 1 of Vargha and Delaney. NaN if either is empty. Of two
 * histograms, with what shares a bucket taken as equal; of two arrays, which get sorted. */
double delta_of_hists(const struct hist *run, const struct hist *base);
double delta_of_values(double *run, size_t run_count, double *base, size_t base_count);

enum compare_verdict { COMPARE_PASS, COMPARE_FAIL, COMPARE_INCONCLUSIVE };

/* worse: bounds of how much worse it is. Fail: surely by more than the tolerance; pass: surely not. */
enum compare_verdict compare_verdict(struct bounds worse, double tolerance);

/* The verdicts of several tests whose errors together are to be at most alpha, by Holm 1979: the
 * surest is judged at alpha / count, the next one at alpha / (count - 1), and so on until
 * one is inconclusive. worse_at gives the bounds of a test at an error of alpha. */
struct compare_tests {
	size_t count;
	struct bounds (*worse_at)(const void *context, size_t test, double alpha);
	const void *context;
	const double *tolerance; /* one for each */
};
void compare_all(const struct compare_tests *t, double alpha, enum compare_verdict *out);

#endif
