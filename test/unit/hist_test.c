#include "base/buf.h"
#include "base/units.h"
#include "grid/hist.h"
#include "grid/pack.h"

#include "random.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES = 20000 };

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* Nearest rank, as the header of the histogram defines it. */
static int64_t exact(const int64_t *sorted, size_t n, double q)
{
	double rank = ceil(q * (double)n - 1e-9);
	size_t i = rank < 1 ? 0 : (size_t)rank - 1;
	return sorted[i < n ? i : n - 1];
}

static void assert_quantiles_near(int64_t *values, size_t n)
{
	static const double qs[] = {0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1};
	struct hist *h = hist_new();
	for (size_t i = 0; i < n; i++)
		hist_record(h, values[i]);
	qsort(values, n, sizeof *values, by_value);
	for (size_t i = 0; i < ARRAY_LEN(qs); i++) {
		double want = (double)exact(values, n, qs[i]);
		double got = (double)hist_quantile_ns(h, qs[i]);
		if (fabs(got - want) > 0.01 * want)
			fail_msg("n %zu q %g: %.0f instead of %.0f ns", n, qs[i], got, want);
	}
	assert_int_equal(h->total, n);
	assert_int_equal(h->min_ns, values[0]);
	assert_int_equal(h->max_ns, values[n - 1]);
	free(h);
}

/* Evenly spread on a logarithmic scale from 1 us to 1 h. */
static int64_t log_uniform(struct rng *r)
{
	return (int64_t)exp(log(1e3) + rng_unit(r) * (log(3.6e12) - log(1e3)));
}

static void quantiles_within_one_percent(void **state)
{
	(void)state;
	struct rng r;
	int64_t *v = mem_alloc(VALUES * sizeof *v);
	for (uint64_t seed = 1; seed <= 20; seed++) {
		rng_init(&r, seed);
		size_t n = 1 + (size_t)rng_below(&r, seed < 10 ? 50 : VALUES);
		for (size_t i = 0; i < n; i++)
			v[i] = seed % 3 == 0   ? NS_PER_MS + (int64_t)rng_below(&r, 1000)
			       : seed % 3 == 1 ? log_uniform(&r)
			       : i % 20	       ? 12 * NS_PER_MS
					       : 5 * NS_PER_S;
		assert_quantiles_near(v, n);
	}
	free(v);
}

/* Each bucket's edges: no gap, no overlap, and its middle within 1/128 of every value in it. */
static void buckets_are_in_order(void **state)
{
	(void)state;
	unsigned last = 0;
	for (int64_t ns = 0; ns < INT64_C(1) << HIST_TOP_BITS; ns += 1 + ns / 1000) {
		unsigned b = hist_bucket(ns);
		assert_true(b == last || b == last + 1);
		last = b;
		if (ns >= 512)
			assert_true(llabs(hist_bucket_ns(b) - ns) <= ns / 128);
		else
			assert_true(llabs(hist_bucket_ns(b) - ns) <= 4);
	}
	assert_int_equal(last, HIST_BUCKETS - 1);
}

static void out_of_range(void **state)
{
	(void)state;
	struct hist *h = hist_new();
	assert_int_equal(hist_quantile_ns(h, 0.5), -1);
	hist_record(h, -5);
	assert_int_equal(hist_quantile_ns(h, 0.5), -5);
	hist_record(h, INT64_MAX);
	assert_int_equal(h->max_ns, INT64_MAX);
	assert_int_equal(hist_quantile_ns(h, 1), INT64_MAX);
	free(h);
}

static void merge_is_recording_both(void **state)
{
	(void)state;
	struct hist *a = hist_new(), *b = hist_new(), *both = hist_new();
	struct rng r;
	rng_init(&r, 7);
	for (int i = 0; i < 5000; i++) {
		int64_t ns = log_uniform(&r);
		hist_record(i % 3 ? a : b, ns);
		hist_record(both, ns);
	}
	hist_merge(a, b);
	assert_memory_equal(a, both, sizeof *a);
	hist_init(b);
	hist_merge(a, b);
	assert_memory_equal(a, both, sizeof *a);
	hist_merge(b, a);
	assert_memory_equal(b, both, sizeof *a);
	hist_record_n(a, 77777, 3);
	for (int i = 0; i < 3; i++)
		hist_record(b, 77777);
	hist_record_n(b, 1, 0);
	assert_memory_equal(a, b, sizeof *a);
	free(a);
	free(b);
	free(both);
}

static void packing_loses_nothing(void **state)
{
	(void)state;
	struct hist *h = hist_new(), *back = hist_new();
	struct rng r;
	rng_init(&r, 3);
	assert_null(hist_pack(h));
	hist_unpack_add(NULL, back);
	assert_int_equal(back->total, 0);
	for (int round = 0; round < 12; round++) {
		for (int i = 0; i < 1 << round; i++)
			hist_record_n(h, log_uniform(&r), 1 + rng_below(&r, UINT64_C(1) << (3 * round)));
		unsigned char *packed = hist_pack(h);
		hist_init(back);
		hist_unpack_add(packed, back);
		assert_memory_equal(h, back, sizeof *h);
		free(packed);
	}
	free(h);
	free(back);
}

int main(void)
{
	const struct CMUnitTest hist[] = {
		cmocka_unit_test(quantiles_within_one_percent),
		cmocka_unit_test(buckets_are_in_order),
		cmocka_unit_test(out_of_range),
		cmocka_unit_test(merge_is_recording_both),
		cmocka_unit_test(packing_loses_nothing),
	};
	return RUN_GROUP(hist);
}
