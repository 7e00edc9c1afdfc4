#include "report_parts.h"

#include "base/buf.h"
#include "base/units.h"
#include "stat/compare.h"

#include <math.h>

/* 95 % for all five intervals together: each misses with 1 % (Bonferroni). */
static const double Z = 2.5758;
static const double TOLERANCE = 0.1;	    /* of the baseline's value */
static const double ERROR_TOLERANCE = 0.01; /* a percentage point */

struct comparison {
	const char *metric;
	double baseline, run;
	double scale; /* what the baseline is taken times, because more or fewer were planned */
	struct bounds diff;
	double worse; /* 1: more is worse; -1: less is */
	double tolerance; /* in units of the metric; NaN if it is not judged */
	int decimals;
};

static const char *verdict_of(const struct comparison *c)
{
	static const char *const names[] = {[COMPARE_PASS] = "pass", [COMPARE_FAIL] = "fail",
					    [COMPARE_INCONCLUSIVE] = "inconclusive"};
	struct bounds worse = c->diff;
	if (isnan(c->tolerance))
		return NULL;
	if (c->worse < 0)
		worse = (struct bounds){-c->diff.high, -c->diff.low};
	return names[compare_verdict(worse, c->tolerance)];
}

static void compare_one(struct json *all, const struct comparison *c)
{
	struct json *j = json_object_new();
	double normal = c->baseline * c->scale;
	json_set_str(j, "metric", c->metric);
	json_set_round(j, "baseline_value", c->baseline, c->decimals);
	json_set_round(j, "run_value", c->run, c->decimals);
	json_set_round(j, "diff", c->run - normal, c->decimals);
	json_set_round(j, "ratio", normal > 0 ? c->run / normal : (double)NAN, 4);
	json_set_round(j, "diff_low", c->diff.low, c->decimals);
	json_set_round(j, "diff_high", c->diff.high, c->decimals);
	json_set_round(j, "tolerance", c->tolerance, c->decimals);
	json_set_str(j, "verdict", verdict_of(c));
	json_push(all, j);
}

static double ms(int64_t ns)
{
	return ns < 0 ? (double)NAN : ns_to_ms(ns);
}

static void compare_latencies(struct json *all, const struct analysis *a, double dispersion)
{
	static const char *const names[] = {"p50_latency_ms", "p95_latency_ms", "p99_latency_ms"};
	const struct run *r = a->run, *b = a->baseline_run;
	struct bounds run[QUANTILE_COUNT], base[QUANTILE_COUNT];
	summary_bounds(&r->grid, r->planned, a->run_from, dispersion, Z, run);
	summary_bounds(&b->grid, b->planned, a->baseline_from, dispersion, Z, base);
	for (size_t i = 0; i < QUANTILE_COUNT; i++) {
		double x = ms(a->summary.latency_ns[i]), y = ms(a->baseline_summary.latency_ns[i]);
		struct bounds in_run = {run[i].low / NS_PER_MS, run[i].high / NS_PER_MS};
		struct bounds in_base = {base[i].low / NS_PER_MS, base[i].high / NS_PER_MS};
		compare_one(all, &(struct comparison){
					 names[i], y, x, 1, difference_bounds(x, in_run, y, in_base),
					 1, TOLERANCE * y, 3});
	}
}

struct json *report_compare(const struct analysis *a)
{
	const struct summary *r = &a->summary, *b = &a->baseline_summary;
	const struct noise *n = &a->baseline.noise;
	const struct bounds none = {(double)NAN, (double)NAN};
	struct json *all = json_array_new();
	if (!a->baseline_run)
		return all;
	compare_one(all, &(struct comparison){
				 "throughput_rps", b->throughput_rps, r->throughput_rps, a->rate_ratio,
				 compare_rates((double)r->completed_ok, r->seconds,
					       (double)b->completed_ok, b->seconds, a->rate_ratio,
					       n->windows ? n->dispersion : 1, Z),
				 -1, TOLERANCE * b->throughput_rps * a->rate_ratio, 3});
	compare_latencies(all, a, fmax(1, n->slow_dispersion));
	compare_one(all, &(struct comparison){"p99_all_ms", ms(b->latency_all_ns[2]),
					      ms(r->latency_all_ns[2]), 1, none, 1, (double)NAN, 3});
	compare_one(all, &(struct comparison){
				 "error_rate", b->error_rate, r->error_rate, 1,
				 compare_shares((double)r->err, (double)r->due, (double)b->err,
						(double)b->due, fmax(1, n->error_dispersion), Z),
				 1, ERROR_TOLERANCE, 6});
	return all;
}
