#include "detect/compare.h"

#include "detect/spread.h"

#include <math.h>

static const struct bounds unknown = {(double)NAN, (double)NAN};

static double variance_of_rate(double count, double seconds)
{
	return fmax(0.5, count) / seconds / seconds;
}

struct bounds compare_rates(double run_count, double run_s, double base_count, double base_s,
			    double scale, double half)
{
	if (!(run_s > 0) || !(base_s > 0))
		return unknown;
	double diff = run_count / run_s - scale * base_count / base_s;
	half *= sqrt(variance_of_rate(run_count, run_s) +
		     scale * scale * variance_of_rate(base_count, base_s));
	return (struct bounds){diff - half, diff + half};
}

static struct bounds wilson(double bad, double all, double z)
{
	double p = bad / all, zz = z * z / all, middle = (p + zz / 2) / (1 + zz);
	double half = z / (1 + zz) * sqrt(p * (1 - p) / all + zz / (4 * all));
	return (struct bounds){fmax(0, middle - half), fmin(1, middle + half)};
}

struct bounds compare_shares(double run_bad, double run_all, double base_bad, double base_all,
			     double half)
{
	if (!(run_all > 0) || !(base_all > 0))
		return unknown;
	struct bounds r = wilson(run_bad, run_all, half), b = wilson(base_bad, base_all, half);
	double run = run_bad / run_all, base = base_bad / base_all, diff = run - base;
	return (struct bounds){diff - hypot(run - r.low, b.high - base),
			       diff + hypot(r.high - run, base - b.low)};
}

/* No value bounds a rank beyond the last one. */
static double at_rank(const struct hist *h, double q)
{
	return q > 1 ? (double)INFINITY : (double)hist_quantile_ns(h, fmax(0, q));
}

struct bounds compare_quantiles(const struct hist *run, const struct hist *base, double q, double half)
{
	if (run->total == 0 || base->total == 0)
		return unknown;
	double r = q * (1 - q) / (double)run->total, b = q * (1 - q) / (double)base->total;
	double run_half = half * r / sqrt(r + b), base_half = half * b / sqrt(r + b);
	return (struct bounds){at_rank(run, q - run_half) - at_rank(base, q + base_half),
			       at_rank(run, q + run_half) - at_rank(base, q - base_half)};
}

enum compare_verdict compare_verdict(struct bounds worse, double tolerance)
{
	if (worse.low > tolerance)
		return COMPARE_FAIL;
	return worse.high <= tolerance ? COMPARE_PASS : COMPARE_INCONCLUSIVE;
}

static double mean_of(const double *values, size_t count)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += values[i];
	return sum / (double)count;
}

double deviation_of(const double *values, size_t count)
{
	double mean = mean_of(values, count), squares = 0;
	for (size_t i = 0; i < count; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	return count < 2 ? (double)NAN : sqrt(squares / (double)(count - 1));
}

struct bounds between_bounds(double run, const double *base, size_t count, double alpha)
{
	if (count < 3)
		return unknown;
	double diff = run - mean_of(base, count);
	double half = critical_value(alpha, count - 1) * deviation_of(base, count) *
		      sqrt(1 + 1 / (double)count);
	return (struct bounds){diff - half, diff + half};
}

double delta_of_hists(const struct hist *run, const struct hist *base)
{
	double below = 0, sum = 0, n = (double)base->total;
	if (run->total == 0 || base->total == 0)
		return (double)NAN;
	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		double here = (double)base->counts[i];
		sum += (double)run->counts[i] * (below - (n - below - here));
		below += here;
	}
	return sum / n / (double)run->total;
}

void compare_all(const struct compare_tests *t, double alpha, enum compare_verdict *out)
{
	for (size_t i = 0; i < t->count; i++)
		out[i] = COMPARE_INCONCLUSIVE;
	for (size_t left = t->count; left > 0; left--) {
		size_t i = 0;
		for (; i < t->count; i++) {
			if (out[i] != COMPARE_INCONCLUSIVE)
				continue;
			struct bounds b = t->worse_at(t->context, i, alpha / (double)left);
			out[i] = compare_verdict(b, t->tolerance[i]);
			if (out[i] != COMPARE_INCONCLUSIVE)
				break;
		}
		if (i == t->count)
			return;
	}
}
