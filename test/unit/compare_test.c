#include "detect/compare.h"
#include "detect/spread.h"

#include "random.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>

static void shares(void **state)
{
	(void)state;
	/* Newcombe 1998, table II, case a, method 10: 56/70 - 48/80 is 0.2 (0.0524, 0.3339). */
	struct bounds b = compare_shares(56, 70, 48, 80, 1.959964);
	assert_true(fabs(b.low - 0.0524) < 0.0001 && fabs(b.high - 0.3339) < 0.0001);
	b = compare_shares(0, 1000, 0, 1000, 1.96);
	assert_true(b.low < 0 && b.high > 0 && b.high < 0.005);
	assert_true(isnan(compare_shares(0, 0, 1, 2, 1.96).low));
}

/* Of 2000 pairs of runs that do not differ, at most 5 % and a bit lie outside. */
static void rates_and_quantiles_cover(void **state)
{
	(void)state;
	struct rng r;
	unsigned rate_misses = 0, quantile_misses = 0, runs = 500;
	struct hist *h[2] = {hist_new(), hist_new()};
	rng_init(&r, 99);
	for (unsigned i = 0; i < runs; i++) {
		double counts[2] = {0, 0};
		for (int side = 0; side < 2; side++) {
			hist_init(h[side]);
			for (double t = 0; t < 10; t -= log(1 - rng_unit(&r)) / 50, counts[side]++)
				hist_record(h[side], (int64_t)(-log(1 - rng_unit(&r)) * 2e7));
		}
		struct bounds b = compare_rates(counts[0], 10, counts[1], 10, 1, 1.96);
		rate_misses += b.low > 0 || b.high < 0;
		struct bounds q = compare_quantiles(h[0], h[1], 0.95, 1.96);
		quantile_misses += q.low > 0 || q.high < 0;
	}
	free(h[0]);
	free(h[1]);
	print_message("# outside: %u rates, %u quantiles of %u\n", rate_misses, quantile_misses, runs);
	assert_in_range(rate_misses, 0, runs * 8 / 100);
	assert_in_range(quantile_misses, 0, runs * 8 / 100);
}

static void verdicts(void **state)
{
	(void)state;
	assert_int_equal(compare_verdict((struct bounds){2, 3}, 1), COMPARE_FAIL);
	assert_int_equal(compare_verdict((struct bounds){-3, 1}, 1), COMPARE_PASS);
	assert_int_equal(compare_verdict((struct bounds){-3, 2}, 1), COMPARE_INCONCLUSIVE);
	assert_int_equal(compare_verdict((struct bounds){(double)NAN, (double)NAN}, 1),
			 COMPARE_INCONCLUSIVE);
}

/* Student's table, and the normal one. */
static void critical_values(void **state)
{
	(void)state;
	static const struct {
		double alpha;
		size_t freedom;
		double t;
	} table[] = {{0.05, 0, 1.959964}, {0.01, 0, 2.575829}, {0.05, 1, 12.7062}, {0.01, 2, 9.92484},
		     {0.05, 3, 3.18245},  {0.05, 4, 2.77645},  {0.1, 9, 1.83311},  {0.05, 30, 2.04227}};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		assert_true(fabs(critical_value(table[i].alpha, table[i].freedom) / table[i].t - 1) < 1e-5);
}

static double gauss(struct rng *r)
{
	return sqrt(-2 * log(1 - rng_unit(r))) * cos(2 * M_PI * rng_unit(r));
}

/* How many of the pairs of two sums of Poisson counts, whose level is remembered by rho, differ by more than
 * the half width at 5 %. *width: its mean. */
static unsigned apart(struct rng *r, double rho, size_t windows, unsigned pairs, double *width)
{
	unsigned misses = 0;
	*width = 0;
	for (unsigned p = 0; p < pairs; p++) {
		double x[2][240], expected[2][240], sums[2] = {0, 0};
		for (int side = 0; side < 2; side++) {
			double level = gauss(r);
			for (size_t k = 0; k < windows; k++) {
				level = rho * level + sqrt(1 - rho * rho) * gauss(r);
				x[side][k] = 100 + 20 * level + 10 * gauss(r);
				sums[side] += x[side][k];
			}
			for (size_t k = 0; k < windows; k++)
				expected[side][k] = sums[side] / (double)windows;
		}
		const struct counted both[] = {{x[0], expected[0], windows}, {x[1], expected[1], windows}};
		struct spread s = spread_of(both, 2, 1, 1, &spread_between_runs, NULL);
		double half = spread_half(&s, 0.05);
		misses += fabs(sums[0] - sums[1]) > half * sqrt(sums[0] + sums[1]);
		*width += half / pairs;
	}
	return misses;
}

/* Runs that do not differ are told apart in at most a bit more than 5 %, however long levels last up to
 * a third of the run; and with no more doubt than independent ones need. */
static void levels_that_last(void **state)
{
	(void)state;
	static const double rho[] = {0, 0.5, 0.8, 0.9, 0.95};
	const double sd = sqrt(5); /* of 20 beside Poisson's 10 */
	struct rng r;
	rng_init(&r, 17);
	for (size_t i = 0; i < sizeof rho / sizeof *rho; i++) {
		double width;
		unsigned misses = apart(&r, rho[i], 60, 400, &width);
		print_message("# rho %.2f: apart %u of 400, half width %.2f\n", rho[i], misses, width);
		assert_in_range(misses, 0, 32);
		if (i == 0)
			assert_true(width < 1.5 * 1.96 * sd);
	}
	const double none[4] = {0};
	struct spread s = spread_of(&(struct counted){none, none, 4}, 1, 1, 1, &spread_between_runs, NULL);
	assert_true(isfinite(spread_half(&s, 0.05)));
	s = spread_of(&(struct counted){none, none, 1}, 1, 1, 4, &spread_between_runs, NULL); /* nothing is known but the least */
	assert_true(fabs(spread_half(&s, 0.05) - 2 * 1.959964) < 1e-3);
}

/* What one more run of the same kind comes to lies within, 95 of 100 times. */
static void between_runs_covers(void **state)
{
	(void)state;
	struct rng r;
	unsigned misses = 0, runs = 2000;
	rng_init(&r, 5);
	for (unsigned i = 0; i < runs; i++) {
		double base[4];
		for (size_t k = 0; k < 4; k++)
			base[k] = 100 + 7 * gauss(&r);
		struct bounds b = between_bounds(100 + 7 * gauss(&r), base, 4, 0.05);
		misses += b.low > 0 || b.high < 0;
	}
	print_message("# outside: %u of %u\n", misses, runs);
	assert_in_range(misses, runs * 35 / 1000, runs * 65 / 1000);
	assert_true(isnan(between_bounds(1, (double[]){1, 2}, 2, 0.05).low));
	assert_true(isnan(deviation_of((double[]){1}, 1)));
	assert_true(fabs(deviation_of((double[]){1, 2, 3, 4}, 4) - 1.290994) < 1e-5);
}

static void effect_sizes(void **state)
{
	(void)state;
	double a[] = {3, 1, 2}, b[] = {2, 4, 3, 3};
	/* Of the 12 pairs 1 is larger (3 > 2), 8 are smaller, 3 are equal. */
	struct hist *x = hist_new(), *y = hist_new();
	assert_true(isnan(delta_of_hists(x, y)));
	for (int i = 0; i < 3; i++)
		hist_record(x, (int64_t)(a[i] * 1e6));
	for (int i = 0; i < 4; i++)
		hist_record(y, (int64_t)(b[i] * 1e6));
	assert_true(fabs(delta_of_hists(x, y) + 7.0 / 12) < 1e-12);
	assert_true(fabs(delta_of_hists(y, x) - 7.0 / 12) < 1e-12);
	free(x);
	free(y);
}

/* The half width of an interval is its critical value; at 0 lies what is surely not worse. */
static struct bounds around(const void *context, size_t test, double alpha)
{
	double middle = ((const double *)context)[test], half = critical_value(alpha, 0);
	return (struct bounds){middle - half, middle + half};
}

/* 2.6 is beyond the bound of three tests (2.394 at 5 %), 2.3 beyond that of the two left (2.241), and 2.1 beyond that
 * of the last (1.96): one after the other, and none if the first is not. */
static void holm(void **state)
{
	(void)state;
	enum compare_verdict v[3];
	const double tolerance[3] = {0, 0, 0}, sure[3] = {2.1, 2.6, -2.3}, unsure[3] = {2.1, 2.3, -2.3};
	struct compare_tests t = {3, around, sure, tolerance};
	compare_all(&t, 0.05, v);
	assert_int_equal(v[0], COMPARE_FAIL);
	assert_int_equal(v[1], COMPARE_FAIL);
	assert_int_equal(v[2], COMPARE_PASS);
	t.context = unsure;
	compare_all(&t, 0.05, v);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(v[i], COMPARE_INCONCLUSIVE);
}

int main(void)
{
	const struct CMUnitTest compare_group[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(rates_and_quantiles_cover),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(critical_values),
		cmocka_unit_test(levels_that_last),
		cmocka_unit_test(between_runs_covers),
		cmocka_unit_test(effect_sizes),
		cmocka_unit_test(holm),
	};
	return RUN_GROUP(compare_group);
}
