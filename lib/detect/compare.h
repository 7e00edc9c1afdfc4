/* Confidence intervals of the difference run - baseline. Each comes from one run and one baseline
 * run and so leaves out the variance between runs, except in between_bounds. */
#ifndef DETECT_COMPARE_H
#define DETECT_COMPARE_H

#include "grid/hist.h"

#include <stddef.h>

struct bounds {
	double low, high; /* NaN if unknown */
};

/* half: half the width, in standard deviations of independent requests (see spread_half). */

/* Difference of two rates per second, from counts and their durations. scale: factor applied to the
 * baseline before subtracting. */
struct bounds compare_rates(double run_count, double run_s, double base_count, double base_s,
			    double scale, double half);

/* Difference of two proportions: Wilson intervals combined by Newcombe's method (1998). */
struct bounds compare_shares(double run_bad, double run_all, double base_bad, double base_all,
			     double half);

/* Difference of a quantile, in ns, from its order statistics: each as far from its rank as the two
 * together would be at a common value that chance put there. */
struct bounds compare_quantiles(const struct hist *run, const struct hist *base, double q, double half);

/* Difference to the mean of count values, one per baseline run: the prediction interval for one
 * more run, x +- t s sqrt(1 + 1/count). Unknown for fewer than 3. */
struct bounds between_bounds(double run, const double *base, size_t count, double alpha);

/* Sample standard deviation; NaN for fewer than 2 values. */
double deviation_of(const double *values, size_t count);

/* Cliff's delta, P(run > baseline) - P(run < baseline), from -1 to 1; equals 2 A12 - 1 of Vargha
 * and Delaney. NaN if either is empty. Values that share a histogram bucket count as equal. */
double delta_of_hists(const struct hist *run, const struct hist *base);

enum compare_verdict { COMPARE_PASS, COMPARE_FAIL, COMPARE_INCONCLUSIVE };

/* worse: bounds of how much worse the run is. Fail: both exceed the tolerance; pass: neither
 * does. */
enum compare_verdict compare_verdict(struct bounds worse, double tolerance);

/* Verdicts of several tests with a family-wise error of at most alpha (Holm 1979): the first
 * decision is made at alpha / count, the next at alpha / (count - 1), and so on until no test is
 * conclusive. worse_at gives a test's bounds at level alpha. */
struct compare_tests {
	size_t count;
	struct bounds (*worse_at)(const void *context, size_t test, double alpha);
	const void *context;
	const double *tolerance; /* one for each */
};
void compare_all(const struct compare_tests *t, double alpha, enum compare_verdict *out);

#endif
