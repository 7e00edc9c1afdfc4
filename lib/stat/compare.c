#include "stat/compare.h"

#include <math.h>

static const struct bounds unknown = {(double)NAN, (double)NAN};

struct bounds difference_bounds(double run, struct bounds run_in, double base,
				struct bounds base_in)
{
	double diff = run - base;
	return (struct bounds){diff - hypot(run - run_in.low, base_in.high - base),
			       diff + hypot(run_in.high - run, base - base_in.low)};
}

/* On the logarithm, where it is symmetric; half a count for none. */
static struct bounds rate_bounds(double count, double seconds, double dispersion, double z)
{
	double spread = exp(z * sqrt(dispersion / fmax(0.5, count)));
	double rate = count / seconds;
	if (count <= 0)
		return (struct bounds){0, dispersion * z * z / seconds};
	return (struct bounds){rate / spread, rate * spread};
}

struct bounds compare_rates(double run_count, double run_s, double base_count, double base_s,
			    double scale, double dispersion, double z)
{
	if (!(run_s > 0) || !(base_s > 0))
		return unknown;
	struct bounds r = rate_bounds(run_count, run_s, dispersion, z);
	struct bounds b = rate_bounds(base_count, base_s, dispersion, z);
	b.low *= scale;
	b.high *= scale;
	return difference_bounds(run_count / run_s, r, scale * base_count / base_s, b);
}

static struct bounds wilson(double bad, double all, double z)
{
	double p = bad / all, zz = z * z / all, middle = (p + zz / 2) / (1 + zz);
	double half = z / (1 + zz) * sqrt(p * (1 - p) / all + zz / (4 * all));
	return (struct bounds){fmax(0, middle - half), fmin(1, middle + half)};
}

struct bounds compare_shares(double run_bad, double run_all, double base_bad, double base_all,
			     double dispersion, double z)
{
	if (!(run_all > 0) || !(base_all > 0))
		return unknown;
	/* Failures that come in bunches are worth fewer tries. */
	struct bounds r = wilson(run_bad / dispersion, run_all / dispersion, z);
	struct bounds b = wilson(base_bad / dispersion, base_all / dispersion, z);
	return difference_bounds(run_bad / run_all, r, base_bad / base_all, b);
}

struct bounds quantile_bounds(const struct hist *h, double q, double dispersion, double z)
{
	if (h->total == 0)
		return unknown;
	double half = z * sqrt(dispersion * q * (1 - q) / (double)h->total);
	/* Beyond the last rank nothing is known of how large it may be. */
	double high = q + half > 1 ? (double)INFINITY : (double)hist_quantile_ns(h, q + half);
	return (struct bounds){(double)hist_quantile_ns(h, fmax(0, q - half)), high};
}

enum compare_verdict compare_verdict(struct bounds worse, double tolerance)
{
	if (worse.low > tolerance)
		return COMPARE_FAIL;
	return worse.high <= tolerance ? COMPARE_PASS : COMPARE_INCONCLUSIVE;
}
