#include "base/buf.h"
#include "base/units.h"
#include "detect/detect.h"

#include "random.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* How many runs of each kind: all of them with LONG set, as make soak does. Sanitizers look at the code, not at
 * how often chance does what. */
static unsigned runs_of(unsigned all)
{
#ifdef __SANITIZE_ADDRESS__
	return all / 40;
#else
	return getenv("LONG") ? all : all / 10;
#endif
}

#define T0 (INT64_C(1766500030) * NS_PER_S)

static double normal(struct rng *r)
{
	return sqrt(-2 * log(1 - rng_unit(r))) * cos(2 * M_PI * rng_unit(r));
}

/* Exact by inversion for small means; the sum of halves for larger ones. */
static unsigned poisson(struct rng *r, double mean)
{
	unsigned n = 0;
	for (; mean > 30; mean -= 30)
		n += poisson(r, 30);
	double left = exp(-mean), u = rng_unit(r), p = left;
	unsigned k = 0;
	for (; u > p && k < 1000; p += left)
		left *= mean / ++k;
	return n + k;
}

/* Marsaglia and Tsang 2000. */
static double gamma_of(struct rng *r, double shape)
{
	if (shape < 1)
		return gamma_of(r, shape + 1) * pow(1 - rng_unit(r), 1 / shape);
	double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
	for (;;) {
		double x = normal(r), v = pow(1 + c * x, 3);
		if (v > 0 && log(1 - rng_unit(r)) < 0.5 * x * x + d - d * v + d * log(v))
			return d * v;
	}
}

enum kind { KIND_POISSON, KIND_OVERDISPERSED, KIND_AUTOCORRELATED };

struct traffic {
	enum kind kind;
	double mean, level; /* level: the part of the mean that varies slowly */
};

static unsigned draw(struct traffic *t, struct rng *r)
{
	const double rho = 0.8, cv = 0.15, dispersion = 4;
	if (t->kind == KIND_OVERDISPERSED) /* negative binomial as a mixture of Poissons */
		return poisson(r, gamma_of(r, t->mean / (dispersion - 1)) * (dispersion - 1));
	if (t->kind == KIND_AUTOCORRELATED) {
		t->level = rho * t->level + sqrt(1 - rho * rho) * cv * normal(r);
		return poisson(r, fmax(0, t->mean * (1 + t->level)));
	}
	return poisson(r, t->mean);
}

/* Quantiles of a lognormal distribution with median 1 and a 99th percentile of 3.2. */
static double spread(struct rng *r)
{
	static const double spread_of[] = {0.31, 0.44, 0.53, 0.61, 0.67, 0.73, 0.80, 0.86, 0.93, 1.00,
					   1.07, 1.16, 1.26, 1.37, 1.52, 1.70, 1.98, 2.56};
	static const double tail[] = {2.3, 2.7, 3.2, 4.7};
	size_t i = (size_t)rng_below(r, 200);
	if (i >= 198)
		return tail[rng_below(r, ARRAY_LEN(tail))];
	return spread_of[i / 11];
}

/* n requests in second k, at random times, as one in err fails and each takes ms. */
static void add_second(struct grid *g, struct rng *r, size_t k, unsigned n, double err, double ms)
{
	for (unsigned i = 0; i < n; i++) {
		int64_t due = T0 + (int64_t)k * NS_PER_S + (int64_t)rng_below(r, NS_PER_S);
		double latency = ms * spread(r);
		grid_add(g, due, ms_to_ns(latency), rng_unit(r) < err ? 1 : 0);
	}
}

static void judge(struct detection *d, const struct grid *g, size_t fault)
{
	struct detect_params p = DETECT_DEFAULTS;
	p.detector = DETECTOR_AUTO;
	struct baseline b = baseline_of(g, NULL, 5, fault ? fault : g->count);
	noise_learn(&b, g, NULL, 5, fault ? fault : g->count, &p);
	detect(d, g, NULL, &b, &p);
}

/* The successes of each of 600 healthy windows, as a run of that traffic has them. */
static void healthy_run(struct grid *g, struct traffic t, uint64_t seed)
{
	struct rng r;
	rng_init(&r, seed);
	grid_init(g, NS_PER_S, T0);
	for (size_t k = 0; k < 600; k++)
		add_second(g, &r, k, draw(&t, &r), 0.005, 20);
	grid_finish(g, T0 + 600 * NS_PER_S);
}

/* loose: as if all traffic were Poisson. */
static bool false_alarm(struct traffic t, uint64_t seed, bool loose)
{
	struct detect_params p = DETECT_DEFAULTS;
	struct grid g;
	struct detection d;
	p.detector = DETECTOR_AUTO;
	healthy_run(&g, t, seed);
	struct baseline b = baseline_of(&g, NULL, 5, g.count);
	noise_learn(&b, &g, NULL, 5, g.count, &p);
	if (loose)
		b.noise.dispersion = b.noise.dispersion_1 = b.noise.error_dispersion = 1;
	detect(&d, &g, NULL, &b, &p);
	bool raised = d.interval_count > 0;
	detection_release(&d);
	grid_release(&g);
	return raised;
}

static const double means[] = {1, 2, 5, 10, 20, 50, 100, 200, 500};
static const char *const kind_names[] = {"Poisson", "overdispersed", "autocorrelated"};

static unsigned false_alarms(enum kind kind, unsigned runs, bool loose)
{
	unsigned raised = 0;
	for (unsigned i = 0; i < runs; i++) {
		struct traffic t = {kind, means[i % ARRAY_LEN(means)], 0};
		raised += false_alarm(t, 1 + i, loose);
	}
	print_message("# %s%s: false alarms in %u of %u runs\n", kind_names[kind],
		      loose ? ", taken for Poisson" : "", raised, runs);
	return raised;
}

static void healthy_runs_raise_no_alarm(void **state)
{
	(void)state;
	unsigned runs = runs_of(1000); /* at most one in a hundred */
	for (unsigned kind = 0; kind < ARRAY_LEN(kind_names); kind++)
		assert_in_range(false_alarms((enum kind)kind, runs, false), 0, runs / 100 + (runs < 100));
}

/* The same runs would raise many if the detector did not know how much the normal varies. */
static void it_is_the_dispersion_that_keeps_it_quiet(void **state)
{
	(void)state;
	unsigned runs = runs_of(900);
	assert_in_range(false_alarms(KIND_OVERDISPERSED, runs, true), runs * 2 / 9, runs);
	assert_in_range(false_alarms(KIND_AUTOCORRELATED, runs, true), runs / 18, runs);
}

/* That the three kinds of traffic are what they are called: relative variance, and how much a window is
 * like the one before. */
static void traffic_is_what_it_is_called(void **state)
{
	(void)state;
	static const struct {
		double relative_variance, likeness;
	} want[] = {{1, 0}, {4, 0}, {1 + 200 * 0.15 * 0.15, 0.8 * 4.5 / 5.5}};
	for (unsigned kind = 0; kind < ARRAY_LEN(want); kind++) {
		enum { N = 40000 };
		struct traffic t = {(enum kind)kind, 200, 0};
		struct rng r;
		double last = 0, squares = 0, products = 0;
		rng_init(&r, 3);
		for (int i = 0; i < N; i++) {
			double x = draw(&t, &r) - t.mean;
			squares += x * x;
			products += x * last;
			last = x;
		}
		assert_true(fabs(squares / N / t.mean / want[kind].relative_variance - 1) < 0.06);
		assert_true(fabs(products / squares - want[kind].likeness) < 0.03);
	}
}

static int by_delay(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return x < y ? -1 : x > y;
}

/* Windows from a drop to 30 % to the alarm; 1: at the end of the first. */
static unsigned median_delay(double mean)
{
	enum { RUNS = 501, AT = 300 };
	unsigned delays[RUNS], runs = mean < 10 ? RUNS : runs_of(RUNS) | 1;
	for (unsigned i = 0; i < runs; i++) {
		struct rng r;
		struct grid g;
		struct detection d;
		rng_init(&r, 5000 + i);
		grid_init(&g, NS_PER_S, T0);
		for (size_t k = 0; k < 400; k++)
			add_second(&g, &r, k, poisson(&r, k < AT ? mean : 0.3 * mean), 0, 0.01);
		grid_finish(&g, T0 + 400 * NS_PER_S);
		judge(&d, &g, AT);
		delays[i] = 1000;
		for (size_t k = d.interval_count; k-- > 0;)
			if (d.intervals[k].alarm >= AT)
				delays[i] = (unsigned)(d.intervals[k].alarm + 1 - AT);
		detection_release(&d);
		grid_release(&g);
	}
	qsort(delays, runs, sizeof delays[0], by_delay);
	print_message("# a drop to 30 %% of %g a window is found in %u\n", mean, delays[runs / 2]);
	return delays[runs / 2];
}

static void drops_are_found_soon(void **state)
{
	(void)state;
	assert_in_range(median_delay(100), 1, 2);
	assert_in_range(median_delay(20), 1, 4);
	assert_in_range(median_delay(5), 1, 10);
}

/* What happens in a simulated run: between two seconds a share of the successes, of errors, a factor of
 * latency. */
struct truth {
	const char *name;
	size_t from, to, period; /* period: on and off in turn, half of it each; 0 always */
	double share, err, slow;
	double rate; /* requests a second; 0: 100 */
	bool ramp; /* the share goes down over the first half and up over the second */
	size_t start, end; /* what the rows show; 0, 0 if the same as from and to */
	unsigned reasons;
};

static double depth(const struct truth *t, size_t k)
{
	if (k < t->from || k >= t->to || (t->period && (k - t->from) / (t->period / 2) % 2))
		return 0;
	if (!t->ramp)
		return 1;
	double half = (double)(t->to - t->from) / 2;
	return 1 - fabs((double)(k - t->from) + 0.5 - half) / half;
}

static void simulate(struct grid *g, const struct truth *t, uint64_t seed)
{
	struct rng r;
	rng_init(&r, seed);
	grid_init(g, NS_PER_S, T0);
	for (size_t k = 0; k < 120; k++) {
		double x = depth(t, k);
		add_second(g, &r, k, poisson(&r, (t->rate > 0 ? t->rate : 100) * (1 - x * (1 - t->share))), x * t->err,
			   20 * (1 + x * (t->slow - 1)));
	}
	grid_finish(g, T0 + 120 * NS_PER_S);
}

static void within_one(const char *name, const char *what, size_t got, size_t want)
{
	if (got + 1 < want || got > want + 1)
		fail_msg("%s: %s %zu, not %zu", name, what, got, want);
}

static void known_truth(void **state)
{
	(void)state;
	static const struct truth truths[] = {
		{.name = "outage", .from = 40, .to = 60, .share = 0, .slow = 1, .reasons = REASON_THROUGHPUT | REASON_SILENCE},
		{.name = "short outage", .from = 40, .to = 42, .share = 0, .slow = 1, .reasons = REASON_THROUGHPUT | REASON_SILENCE},
		{.name = "refused", .from = 40, .to = 60, .share = 1, .err = 1, .slow = 1,
		 .reasons = REASON_THROUGHPUT | REASON_ERRORS | REASON_SILENCE},
		{.name = "errors", .from = 40, .to = 60, .share = 1, .err = 0.2, .slow = 1, .reasons = REASON_ERRORS},
		{.name = "slow", .from = 40, .to = 60, .share = 1, .slow = 3, .reasons = REASON_LATENCY},
		{.name = "flapping", .from = 40, .to = 70, .period = 6, .share = 0.1, .slow = 1, .end = 67,
		 .reasons = REASON_THROUGHPUT},
		{.name = "ramp", .from = 40, .to = 80, .share = 0, .slow = 1, .ramp = true, .rate = 500,
		 .start = 46, .end = 74, .reasons = REASON_THROUGHPUT},
		{.name = "at once", .from = 0, .to = 10, .share = 0, .slow = 1, .reasons = REASON_THROUGHPUT | REASON_SILENCE},
		{.name = "to the end", .from = 100, .to = 200, .share = 0, .slow = 1, .end = 120,
		 .reasons = REASON_THROUGHPUT | REASON_SILENCE},
	};
	for (size_t i = 0; i < ARRAY_LEN(truths); i++) {
		const struct truth *t = &truths[i];
		struct detect_params p = DETECT_DEFAULTS;
		struct grid g;
		struct detection d;
		p.detector = DETECTOR_AUTO;
		p.warmup_s = 0;
		simulate(&g, t, 77 + i);
		struct baseline b = baseline_of(&g, NULL, 0, g.count);
		noise_learn(&b, &g, NULL, 0, g.count, &p);
		detect(&d, &g, NULL, &b, &p);
		if (d.interval_count != 1)
			fail_msg("%s: %zu intervals", t->name, d.interval_count);
		within_one(t->name, "start", d.intervals[0].start, t->start ? t->start : t->from);
		within_one(t->name, "end", d.intervals[0].end, t->end ? t->end : t->to);
		if ((d.intervals[0].reasons & t->reasons) != t->reasons)
			fail_msg("%s: reasons %x", t->name, d.intervals[0].reasons);
		detection_release(&d);
		grid_release(&g);
	}
}

/* A run in which so many fail in every second, judged by itself: the first anomalous window, the first
 * after it, and whether it is known that the normal was not healthy. */
static void assert_constant_failure(double err, unsigned seed, bool unhealthy)
{
	struct detect_params p = DETECT_DEFAULTS;
	struct rng r;
	struct grid g;
	struct detection d;
	p.detector = DETECTOR_AUTO;
	rng_init(&r, seed);
	grid_init(&g, NS_PER_S, T0);
	for (size_t k = 0; k < 60; k++)
		add_second(&g, &r, k, poisson(&r, 50), err, 20);
	grid_finish(&g, T0 + 60 * NS_PER_S);
	struct baseline b = baseline_of_whole(&g, NULL, 5, g.count);
	noise_learn(&b, &g, NULL, 5, g.count, &p);
	detect(&d, &g, NULL, &b, &p);
	assert_int_equal(baseline_unhealthy(&b, &p), unhealthy);
	assert_int_equal(d.interval_count, unhealthy);
	if (unhealthy) {
		assert_in_range(d.intervals[0].start, 5, 6);
		assert_in_range(d.intervals[0].end, 59, 60);
		assert_int_equal(d.intervals[0].reasons & REASON_ERRORS, REASON_ERRORS);
	}
	detection_release(&d);
	grid_release(&g);
}

/* The threshold of failures is absolute: a run cannot get used to more. */
static void what_always_fails_is_not_healthy(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 20; seed++) {
		assert_constant_failure(0.005, seed, false);
		assert_constant_failure(0.05, seed, false);
		assert_constant_failure(0.08, seed, false);
		assert_constant_failure(0.2, seed, true);
		assert_constant_failure(0.33, seed, true);
		assert_constant_failure(0.9, seed, true);
	}
}

int main(void)
{
	const struct CMUnitTest sequential_group[] = {
		cmocka_unit_test(known_truth),
		cmocka_unit_test(what_always_fails_is_not_healthy),
		cmocka_unit_test(drops_are_found_soon),
		cmocka_unit_test(traffic_is_what_it_is_called),
		cmocka_unit_test(healthy_runs_raise_no_alarm),
		cmocka_unit_test(it_is_the_dispersion_that_keeps_it_quiet),
	};
	return RUN_GROUP(sequential_group);
}
