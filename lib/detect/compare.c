#include "detect/compare.h"

#include "base/num.h"

#include <math.h>
#include <stdlib.h>

static const struct bounds unknown = {(double)NAN, (double)NAN};

struct bounds difference_bounds(double run, struct bounds run_in, double base,
				struct bounds base_in)
{
	double diff = run - base;
	return (struct bounds){diff - hypot(run - run_in.low, base_in.high - base),
			       diff + hypot(run_in.high - run, base - base_in.low)};
}

/* Symmetric on the logarithm; a count of 0 is taken as half a count. */
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
	/* Failures in bunches carry as much information as fewer independent trials. */
	struct bounds r = wilson(run_bad / dispersion, run_all / dispersion, z);
	struct bounds b = wilson(base_bad / dispersion, base_all / dispersion, z);
	return difference_bounds(run_bad / run_all, r, base_bad / base_all, b);
}

struct bounds quantile_bounds(const struct hist *h, double q, double dispersion, double z)
{
	if (h->total == 0)
		return unknown;
	double half = z * sqrt(dispersion * q * (1 - q) / (double)h->total);
	/* No value bounds a rank beyond the last one. */
	double high = q + half > 1 ? (double)INFINITY : (double)hist_quantile_ns(h, q + half);
	return (struct bounds){(double)hist_quantile_ns(h, fmax(0, q - half)), high};
}

enum compare_verdict compare_verdict(struct bounds worse, double tolerance)
{
	if (worse.low > tolerance)
		return COMPARE_FAIL;
	return worse.high <= tolerance ? COMPARE_PASS : COMPARE_INCONCLUSIVE;
}

/* The probability that Student's t lies between -t and t. */
static double within(double t, size_t freedom)
{
	if (freedom == 0)
		return erf(t / sqrt(2));
	double angle = atan(t / sqrt((double)freedom)), c = cos(angle), term, sum = 0;
	bool odd = freedom % 2;
	term = odd ? c : 1;
	for (size_t i = odd ? 1 : 0; i + 2 <= freedom; i += 2) {
		sum += term;
		term *= c * c * (double)(i + 1) / (double)(i + 2);
	}
	return odd ? 2 / M_PI * (angle + sin(angle) * sum) : sin(angle) * sum;
}

double critical_value(double alpha, size_t freedom)
{
	double low = 0, high = 1;
	while (high < 1e9 && within(high, freedom) < 1 - alpha)
		high *= 2;
	for (int i = 0; i < 80; i++) {
		double middle = (low + high) / 2;
		*(within(middle, freedom) < 1 - alpha ? &low : &high) = middle;
	}
	return high;
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

double delta_of_values(double *run, size_t run_count, double *base, size_t base_count)
{
	double sum = 0;
	size_t below = 0, not_above = 0;
	if (run_count == 0 || base_count == 0)
		return (double)NAN;
	qsort(run, run_count, sizeof *run, num_by_double);
	qsort(base, base_count, sizeof *base, num_by_double);
	for (size_t i = 0; i < run_count; i++) {
		while (below < base_count && base[below] < run[i])
			below++;
		while (not_above < base_count && base[not_above] <= run[i])
			not_above++;
		sum += (double)below - (double)(base_count - not_above);
	}
	return sum / (double)run_count / (double)base_count;
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
