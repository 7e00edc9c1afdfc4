#include "base/rng.h"
#include "base/units.h"
#include "stat/compare.h"

#include "unit.h"

#include <math.h>
#include <stdlib.h>

static void shares(void **state)
{
	(void)state;
	/* Newcombe 1998, table II, case a, method 10: 56/70 - 48/80 is 0.2 (0.0524, 0.3339). */
	struct bounds b = compare_shares(56, 70, 48, 80, 1, 1.959964);
	assert_true(fabs(b.low - 0.0524) < 0.0001 && fabs(b.high - 0.3339) < 0.0001);
	b = compare_shares(0, 1000, 0, 1000, 1, 1.96);
	assert_true(b.low < 0 && b.high > 0 && b.high < 0.005);
	assert_true(isnan(compare_shares(0, 0, 1, 2, 1, 1.96).low));
}

/* Of 2000 pairs of runs that do not differ, at most 5 % and a bit lie outside. */
static void rates_and_quantiles_cover(void **state)
{
	(void)state;
	struct rng r;
	unsigned rate_misses = 0, quantile_misses = 0, runs = 500;
	struct hist *h[2] = {malloc(sizeof **h), malloc(sizeof **h)};
	rng_init(&r, 99);
	for (unsigned i = 0; i < runs; i++) {
		double counts[2] = {0, 0};
		for (int side = 0; side < 2; side++) {
			hist_init(h[side]);
			for (double t = 0; t < 10; t -= log(1 - rng_unit(&r)) / 50, counts[side]++)
				hist_record(h[side], (int64_t)(-log(1 - rng_unit(&r)) * 2e7));
		}
		struct bounds b = compare_rates(counts[0], 10, counts[1], 10, 1, 1, 1.96);
		rate_misses += b.low > 0 || b.high < 0;
		struct bounds q = difference_bounds(
			(double)hist_quantile_ns(h[0], 0.95), quantile_bounds(h[0], 0.95, 1, 1.96),
			(double)hist_quantile_ns(h[1], 0.95), quantile_bounds(h[1], 0.95, 1, 1.96));
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

int main(void)
{
	const struct CMUnitTest compare_group[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(rates_and_quantiles_cover),
		cmocka_unit_test(verdicts),
	};
	return RUN_GROUP(compare_group);
}
