#include "base/buf.h"
#include "base/units.h"
#include "grid/grid.h"
#include "grid/summary.h"
#include "csv/csv.h"

#include "random.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define T0 (INT64_C(1766500030) * NS_PER_S + 1234000)

static int64_t at(double s)
{
	return T0 + s_to_ns(s);
}

static void start(struct grid *g, int64_t t0_ns)
{
	grid_init(g, NS_PER_S, t0_ns);
}

/* 50 requests a second for 20 s, 80 ms each. */
static void steady(struct grid *g)
{
	for (int i = 0; i < 1000; i++)
		grid_add(g, T0 + i * 20 * NS_PER_MS, 80 * NS_PER_MS, 0);
}

static void counts_each_second(void **state)
{
	(void)state;
	const int64_t starts[] = {0, T0, T0 + 400, T0 - 400}; /* unknown; known; rounded otherwise */
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct grid g;
		start(&g, starts[i]);
		steady(&g);
		grid_finish(&g, 0);
		assert_int_equal(g.t0_ns, T0);
		assert_int_equal(g.count, 20);
		assert_int_equal(g.rows, 1000);
		for (size_t k = 0; k < g.count; k++) {
			assert_int_equal(g.windows[k].due, 50);
			assert_int_equal(g.windows[k].ok, 50);
			assert_int_equal(g.windows[k].completed_ok, k == 0 ? 46 : 50);
			assert_true(g.windows[k].covered >= 1);
		}
		assert_int_equal(g.windows[0].first_ok_us, 80000);
		assert_int_equal(g.windows[1].last_ok_us, 980000);
		assert_int_equal(g.windows[1].first_err_us, UINT32_MAX);
		grid_release(&g);
	}
}

static void failures_by_due_time(void **state)
{
	(void)state;
	struct grid g;
	start(&g, 0);
	grid_add(&g, at(0), 0, 0);
	grid_add(&g, at(1.9), s_to_ns(5), 4); /* told five seconds later */
	grid_add(&g, at(1.25), 0, 1);
	grid_add(&g, at(2.999999), s_to_ns(0.000001), 0); /* complete at the very start of 3 */
	grid_finish(&g, at(10));
	assert_int_equal(g.count, 10);
	assert_int_equal(g.windows[1].due, 2);
	assert_int_equal(g.windows[1].err, 2);
	assert_int_equal(g.windows[1].classes[4], 1);
	assert_int_equal(g.windows[1].classes[1], 1);
	assert_int_equal(g.windows[1].first_err_us, 250000);
	assert_null(g.windows[0].classes);
	assert_int_equal(g.windows[2].ok, 1);
	assert_int_equal(g.windows[2].completed_ok, 0);
	assert_int_equal(g.windows[3].completed_ok, 1);
	assert_int_equal(g.windows[3].due, 0);
	assert_int_equal(g.windows[9].due, 0);
	assert_true(grid_error_rate(&g.windows[1]) == 1 && grid_error_rate(&g.windows[9]) == 0);
	grid_release(&g);
}

/* What was in flight at the stop is counted by its class, makes the run as long as it was due, and is
 * neither due nor failed. */
static void unjudged_requests(void **state)
{
	(void)state;
	for (int declared = 0; declared < 2; declared++) {
		struct grid g;
		struct summary s;
		start(&g, declared ? T0 : 0);
		steady(&g);
		for (int i = 0; i < 4; i++)
			grid_add_unjudged(&g, at(20 + i * 0.2), 19);
		grid_finish(&g, 0);
		assert_int_equal(g.count, 21);
		assert_int_equal(g.rows, 1000);
		assert_int_equal(grid_requests(&g), 1004);
		assert_int_equal(g.windows[20].due, 0);
		assert_int_equal(g.windows[20].err, 0);
		assert_int_equal(g.windows[20].unjudged, 4);
		assert_int_equal(g.windows[20].classes[19], 4);
		summarize(&s, &g, NULL, 0, NS_PER_S);
		assert_int_equal(s.due, 1000);
		assert_int_equal(s.err, 0);
		assert_int_equal(s.classes[19], 4);
		grid_release(&g);
	}
}

static void ends(void **state)
{
	(void)state;
	static const struct {
		double declared_s;
		size_t count;
		double covered;
	} cases[] = {
		{0, 20, 1},	  /* one gap after the last row */
		{20, 20, 1},
		{20.0004, 20, 1}, /* within a millisecond is the same */
		{19.9996, 20, 1},
		{22.25, 23, 0.25},
		{25, 25, 1},
		{12, 20, 1}, /* before the last row: not the end of this run */
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct grid g;
		start(&g, 0);
		steady(&g);
		grid_finish(&g, cases[i].declared_s > 0 ? at(cases[i].declared_s) : 0);
		assert_int_equal(g.count, cases[i].count);
		assert_true(fabs((double)g.windows[g.count - 1].covered - cases[i].covered) < 0.001);
		grid_release(&g);
	}
}

/* What is missing within the run does not move its end. */
static void end_after_a_hole(void **state)
{
	(void)state;
	struct grid g;
	start(&g, 0);
	for (int i = 0; i < 1000; i++)
		if (i < 400 || i >= 800)
			grid_add(&g, T0 + i * 20 * NS_PER_MS, 0, 0);
	grid_finish(&g, 0);
	assert_int_equal(g.count, 20);
	assert_int_equal(g.end_ns, at(20));
	assert_int_equal(g.windows[12].due, 0);
	grid_release(&g);
	start(&g, 0);
	for (int i = 0; i < 115; i++) /* ends in the middle of second 2 */
		grid_add(&g, T0 + i * 20 * NS_PER_MS, 0, 0);
	grid_finish(&g, 0);
	assert_int_equal(g.end_ns, at(2.3));
	grid_release(&g);
}

/* The same rows in any order, over more windows than are kept unpacked, give the same grid. */
static void order_does_not_matter(void **state)
{
	(void)state;
	enum { ROWS = 20000, SECONDS = 100 };
	struct grid a, b;
	struct rng r;
	struct grid_row *rows = mem_alloc(ROWS * sizeof *rows);
	struct hist *x = mem_alloc(sizeof *x), *y = mem_alloc(sizeof *y);
	rng_init(&r, 11);
	for (size_t i = 0; i < ROWS; i++)
		rows[i] = (struct grid_row){.due_ns = at((double)i * SECONDS / ROWS),
					    .latency_ns = (int64_t)rng_below(&r, 3000000) * 1000,
					    .error = rng_below(&r, 10) == 0};
	start(&a, 0);
	start(&b, 0);
	for (size_t i = 0; i < ROWS; i++)
		grid_add(&a, rows[i].due_ns, rows[i].latency_ns, rows[i].error);
	for (size_t i = ROWS; i-- > 0;) { /* shuffled; the earliest row comes late */
		size_t pick = (size_t)rng_below(&r, i + 1);
		struct grid_row row = rows[pick];
		rows[pick] = rows[i];
		grid_add(&b, row.due_ns, row.latency_ns, row.error);
	}
	grid_finish(&a, 0);
	grid_finish(&b, at(SECONDS));
	assert_int_equal(a.count, SECONDS);
	assert_int_equal(b.count, SECONDS + (b.t0_ns < T0));
	uint64_t due = 0;
	for (size_t k = 0; k < a.count; k++) {
		assert_int_equal(a.windows[k].due, ROWS / SECONDS);
		due += b.windows[k].due;
	}
	assert_int_equal(due, ROWS);
	grid_latency_add(&a, 0, a.count, x);
	grid_latency_add(&b, 0, b.count, y);
	assert_memory_equal(x, y, sizeof *x);
	grid_release(&a);
	grid_release(&b);
	free(rows);
	free(x);
	free(y);
}

/* The start is told from the first rows: what is due before them is noted, to the last of it. */
static void early_row(void **state)
{
	(void)state;
	struct grid g;
	const int64_t starts[] = {0, T0};
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		start(&g, starts[i]);
		for (int k = 1; k < 10000; k++)
			grid_add(&g, at(k / 1000.0), NS_PER_MS, 0);
		grid_add(&g, at(0.0005), NS_PER_S, 0);
		grid_add(&g, at(0), NS_PER_S, 0);
		grid_add(&g, at(0.0002), NS_PER_S, 0);
		grid_finish(&g, 0);
		assert_int_equal(g.count, i ? 10 : 11);
		assert_int_equal(g.early_ns, i ? 0 : T0);
		assert_int_equal(g.t0_ns, i ? T0 : at(0.001) - NS_PER_S);
		grid_release(&g);
	}
	/* a window before is no matter of phase */
	start(&g, 0);
	for (int k = 0; k < 10000; k++)
		grid_add(&g, at(k / 1000.0), NS_PER_MS, 0);
	grid_add(&g, at(-2), NS_PER_S, 0);
	grid_finish(&g, 0);
	assert_int_equal(g.t0_ns, at(-2));
	assert_int_equal(g.early_ns, 0);
	grid_release(&g);
}

/* Of a load that began late in a second, that second is as little measured as those before. */
static void begins_late(void **state)
{
	(void)state;
	struct grid g;
	start(&g, T0);
	for (int i = 0; i < 130; i++)
		grid_add(&g, at(2.7 + i / 100.0), NS_PER_MS, 0);
	grid_finish(&g, 0);
	assert_int_equal(g.count, 4);
	assert_true(grid_is_before(&g, 0, at(2.7)));
	assert_true(grid_is_before(&g, 1, at(2.7)));
	assert_true(grid_is_before(&g, 2, at(2.7)));
	assert_false(grid_is_before(&g, 3, at(2.7)));
	assert_false(grid_is_before(&g, 3, at(3)));
	assert_false(grid_is_before(&g, 3, at(3.005)));
	assert_true(grid_is_before(&g, 3, at(3.05)));
	assert_true(grid_is_before(&g, 9, INT64_MAX));
	assert_false(grid_is_before(&g, 9, 0));
	grid_release(&g);
}

static void latencies_by_window(void **state)
{
	(void)state;
	struct grid g;
	struct hist *h = mem_alloc(sizeof *h);
	start(&g, T0);
	for (int i = 0; i < 4000; i++) /* two files, one after the other: every window comes twice */
		grid_add(&g, at((i % 2000) / 50.0), (i % 2000 / 50 + 1) * NS_PER_MS, 0);
	grid_finish(&g, 0);
	assert_int_equal(g.count, 40);
	for (size_t k = 0; k < g.count; k++) {
		grid_latency(&g, k, h);
		assert_int_equal(h->total, 100);
		assert_int_equal(hist_quantile_ns(h, 0.5), (int64_t)(k + 1) * NS_PER_MS);
	}
	grid_release(&g);
	free(h);
}

static void odd_times(void **state)
{
	(void)state;
	struct grid g;
	start(&g, 0);
	grid_add(&g, 5 * NS_PER_S, 1, 0); /* 1970, and the first row at that */
	steady(&g);
	grid_add(&g, INT64_C(9000000000) * NS_PER_S, 1, 0);
	grid_finish(&g, 0);
	assert_int_equal(g.outside, 2);
	assert_int_equal(g.count, 20);
	assert_int_equal(g.rows, 1000);
	grid_release(&g);

	start(&g, at(10)); /* a declared start: what is before it is not of this run */
	steady(&g);
	grid_finish(&g, 0);
	assert_int_equal(g.outside, 500);
	assert_int_equal(g.count, 10);
	grid_release(&g);

	start(&g, 0); /* an answer that took longer than any run */
	grid_add(&g, at(0), INT64_C(4000000) * NS_PER_S, 0);
	grid_add(&g, at(1), 1, 0);
	grid_finish(&g, 0);
	assert_int_equal(g.rows, 2);
	assert_int_equal(g.count, 2);
	grid_release(&g);
}

static void nothing_and_little(void **state)
{
	(void)state;
	struct grid g;
	start(&g, 0);
	grid_finish(&g, 0);
	assert_int_equal(g.count, 0);
	grid_release(&g);
	start(&g, T0);
	grid_finish(&g, at(3));
	assert_int_equal(g.count, 3);
	grid_release(&g);
	start(&g, 0);
	grid_add(&g, at(0), 1, 0);
	grid_finish(&g, 0);
	assert_int_equal(g.count, 1);
	assert_true(g.windows[0].covered < 0.5F);
	grid_release(&g);
	g = (struct grid){0};
	grid_release(&g);
}

static void lost_rows_are_unmeasured(void **state)
{
	(void)state;
	struct grid g;
	start(&g, 0);
	steady(&g);
	grid_add_lost(&g, 120, at(20.5), at(22.1));
	grid_finish(&g, at(25));
	assert_int_equal(g.lost, 120);
	for (size_t k = 0; k < g.count; k++)
		assert_int_equal(g.windows[k].unmeasured, k >= 20 && k <= 22);
	assert_int_equal(g.windows[20].lost, 120);
	grid_release(&g);
	start(&g, 0);
	grid_add_lost(&g, 5, at(0), at(0.5));
	steady(&g);
	grid_finish(&g, 0);
	assert_int_equal(g.count, 20);
	assert_true(g.windows[0].unmeasured && !g.windows[1].unmeasured);
	grid_release(&g);
}

static void summaries(void **state)
{
	(void)state;
	struct grid g;
	struct summary s;
	double planned[22];
	start(&g, 0);
	for (int i = 0; i < 1000; i++) /* 10 ms, then 30 ms in the second half; every tenth fails */
		grid_add(&g, T0 + i * 20 * NS_PER_MS, (i < 500 ? 10 : 30) * NS_PER_MS, i % 10 == 0 ? 4 : 0);
	grid_finish(&g, at(22));
	for (size_t k = 0; k < 22; k++)
		planned[k] = k < 20 ? 50 : 0;
	summarize(&s, &g, planned, 0, s_to_ns(5));
	assert_int_equal(s.due, 1000);
	assert_int_equal(s.err, 100);
	assert_int_equal(s.classes[4], 100);
	assert_true(fabs(s.error_rate - 0.1) < 1e-9 && fabs(s.throughput_rps - 45) < 0.1);
	assert_true(fabs(s.seconds - 20) < 1e-9 && fabs(s.planned_rps - 50) < 1e-9);
	assert_int_equal(s.latency_ns[1], 30 * NS_PER_MS);
	assert_true(llabs(s.latency_ns[0] - 10 * NS_PER_MS) <= NS_PER_MS / 10);
	assert_int_equal(s.latency_all_ns[1], s_to_ns(5));
	assert_int_equal(s.max_latency_ns, 30 * NS_PER_MS);
	summarize(&s, &g, NULL, 10, s_to_ns(5)); /* the two empty seconds count, for nothing says they were planned so */
	assert_true(fabs(s.seconds - 12) < 1e-9 && isnan(s.planned_rps));
	assert_int_equal(s.due, 500);
	summarize(&s, &g, NULL, 30, s_to_ns(5));
	assert_true(isnan(s.throughput_rps) && isnan(s.error_rate));
	assert_int_equal(s.latency_ns[0], -1);
	grid_release(&g);
}

/* As chaos-analyze does it: the scanner bounds what the grid adds up. */
static void hostile_times(void **state)
{
	static const char text[] = "timestamp,latency_ms\n"
				   "9223372036.85,1\n"
				   "1700000000,9223372036854\n"
				   "1700000000,864000000.001\n"
				   "7258118400,1\n"
				   "7258118400.000000,1\n"
				   "-1,1\n"
				   "1700000000,864000000\n"
				   "7258118399.999999,1\n";
	struct grid g;
	struct csv c;
	struct csv_row row;
	struct err e;
	(void)state;
	grid_init(&g, NS_PER_S, 0);
	csv_init_memory(&c, text, sizeof text - 1, "x");
	while (csv_next(&c, &row, &e) == CSV_ROW)
		grid_add(&g, row.due_ns, row.latency_ns, 0);
	assert_int_equal(c.bad, 6);
	assert_int_equal(c.rows, 2);
	grid_finish(&g, 0);
	csv_release(&c);
	grid_release(&g);
}

/* What is due in the first so many seconds comes before the grid is asked so far. */
static void so_far(void **state)
{
	(void)state;
	struct grid g, whole;
	struct hist *h = mem_alloc(2 * sizeof *h);
	start(&g, 0);
	start(&whole, 0);
	steady(&whole);
	grid_finish(&whole, 0);
	for (int i = 0; i < 1000; i++) {
		grid_add(&g, T0 + i * 20 * NS_PER_MS, 80 * NS_PER_MS, 0);
		if (i % 50 != 10)
			continue;
		grid_so_far(&g, at(i / 50));
		assert_int_equal(g.count, i / 50);
		assert_int_equal(g.t0_ns, T0);
	}
	grid_so_far(&g, at(30)); /* also seconds without a row */
	assert_int_equal(g.count, 30);
	assert_int_equal(g.windows[29].due, 0);
	grid_add(&g, at(-0.5), 0, 0); /* the start stands */
	assert_int_equal(g.outside, 1);
	grid_so_far(&g, at(12));
	assert_int_equal(g.count, 12);
	grid_forget(&g, 5);
	assert_int_equal(g.count, 7);
	assert_int_equal(g.t0_ns, at(5));
	grid_add(&g, at(2), 0, 0);
	assert_int_equal(g.outside, 2);
	grid_finish(&g, at(20));
	assert_int_equal(g.count, 15);
	for (size_t k = 0; k < g.count; k++) {
		assert_int_equal(g.windows[k].due, whole.windows[k + 5].due);
		assert_int_equal(g.windows[k].completed_ok, whole.windows[k + 5].completed_ok);
		grid_latency(&g, k, &h[0]);
		grid_latency(&whole, k + 5, &h[1]);
		assert_memory_equal(&h[0], &h[1], sizeof *h);
	}
	grid_release(&g);
	grid_release(&whole);
	free(h);
}

/* Joined windows have the counts, offsets and latencies of their parts; a finished run keeps its end. */
static void widened(void **state)
{
	(void)state;
	struct hist *h = mem_alloc(2 * sizeof *h);
	for (int early = 0; early < 2; early++) { /* before and after the end of the input */
		struct grid g, fine;
		struct grid *both[] = {&g, &fine};
		for (size_t i = 0; i < 2; i++) {
			start(both[i], 0);
			for (int k = 0; k < 115; k++)
				grid_add(both[i], at(k * 0.2), (k + 1) * NS_PER_MS, k == 17 ? 3 : 0);
			grid_add_lost(both[i], 7, at(12), at(12.5));
		}
		if (early)
			grid_widen(&g, 5);
		grid_finish(&g, 0);
		if (!early)
			grid_widen(&g, 5);
		grid_finish(&fine, 0);
		assert_int_equal(g.window_ns, 5 * NS_PER_S);
		assert_int_equal(g.count, 5);
		assert_int_equal(g.end_ns, fine.end_ns);
		assert_true(fabs((double)g.windows[4].covered - 0.6) < 0.001);
		assert_int_equal(g.windows[0].due, 25);
		assert_int_equal(g.windows[0].err, 1);
		assert_int_equal(g.windows[0].classes[3], 1);
		assert_int_equal(g.windows[0].first_err_us, 3400000);
		assert_int_equal(g.windows[1].first_ok_us, fine.windows[5].first_ok_us);
		assert_int_equal(g.windows[1].last_ok_us, 4000000 + fine.windows[9].last_ok_us);
		for (size_t k = 0; k < 5; k++)
			assert_int_equal(g.windows[k].unmeasured, k == 2);
		hist_init(&h[1]);
		grid_latency(&g, 1, &h[0]);
		grid_latency_add(&fine, 5, 10, &h[1]);
		assert_memory_equal(&h[0], &h[1], sizeof *h);
		grid_release(&g);
		grid_release(&fine);
	}
	free(h);
}

/* A run that goes on for longer than all windows of a second gets longer ones; what is far from it does
 * not. Requests of a day each are no errors either. */
static void long_runs(void **state)
{
	(void)state;
	struct grid g;
	const int64_t minute_ns = 60 * NS_PER_S, day_ns = 1440 * minute_ns;
	for (int kind = 0; kind < 4; kind++) {
		start(&g, kind == 3 ? T0 : 0);
		size_t rows = kind == 1 ? 400 : 14 * 1440;
		for (size_t i = 0; i < rows; i++) {
			const struct grid_counts c = {T0 + (int64_t)i * minute_ns, minute_ns, 60, 0, -1, -1, -1, 3};
			if (kind == 0)
				grid_add_counts(&g, &c);
			else
				grid_add(&g, T0 + (int64_t)i * (kind == 1 ? day_ns : minute_ns), 1, 0);
			if (i == 5)
				grid_add(&g, T0 + 12000 * day_ns, 1, 0);
		}
		grid_finish(&g, 0);
		assert_int_equal(g.rows, kind == 0 ? 60 * rows : rows);
		assert_int_equal(g.far, 1);
		assert_int_equal(g.window_ns, (kind == 1 ? 300 : 2) * NS_PER_S);
		assert_int_equal(g.t0_ns, T0);
		grid_release(&g);
	}
}

/* What is said of a run may be any time at all. */
static void hostile_ends(void **state)
{
	(void)state;
	const int64_t wild[] = {INT64_MIN, -1, INT64_MAX, INT64_MAX - NS_PER_S};
	for (size_t i = 0; i < ARRAY_LEN(wild); i++)
		for (int expected = 0; expected < 2; expected++) {
			struct grid g;
			grid_init(&g, 3600 * NS_PER_S, expected ? 0 : wild[i]);
			if (expected)
				grid_expect(&g, wild[i]);
			steady(&g);
			grid_finish(&g, wild[i]);
			grid_release(&g);
		}
}

/* The length that a run needs, by the windows in which anything was due. */
static void usual_windows(void **state)
{
	(void)state;
	static const struct {
		double gap_s;
		int at_once, length_s;
	} cases[] = {{0.02, 1, 1}, {0.1, 1, 1}, {0.2, 1, 2}, {1.4, 1, 30}, {60, 1, 600}, {600, 1, 3600}, {10, 20, 1}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct grid g;
		start(&g, 0);
		for (int k = 0; k < 400; k++)
			grid_add(&g, at(k / cases[i].at_once * cases[i].gap_s), 1, 0);
		grid_finish(&g, 0);
		assert_int_equal(grid_usual_window(&g), cases[i].length_s * NS_PER_S);
		grid_release(&g);
	}
}

/* All that is left of a live run after its windows with requests were dropped. */
static void only_rests_left(void **state)
{
	(void)state;
	struct grid g;
	start(&g, 0);
	grid_add(&g, at(0), 1, 0);
	grid_add(&g, at(1), 1, 0);
	grid_add_unjudged(&g, at(50), 19);
	grid_so_far(&g, at(40));
	grid_forget(&g, 30);
	grid_finish(&g, 0);
	assert_int_equal(g.count, 21);
	grid_release(&g);
}

/* The length of these is told by the distance of their times: two seconds. */
static void counts_are_spread(void **state)
{
	(void)state;
	struct grid g;
	struct summary s;
	struct hist h;
	start(&g, 0);
	for (int i = 0; i < 10; i++) {
		const struct grid_counts c = {at(i * 2), 0, 201, i == 3 ? 21 : 0, ms_to_ns(10), ms_to_ns(20),
					      ms_to_ns(40), 3};
		grid_add_counts(&g, &c);
	}
	grid_finish(&g, 0);
	assert_int_equal(g.count, 20);
	assert_int_equal(g.t0_ns, T0);
	assert_int_equal(g.rows, 10 * 201 + 21);
	assert_int_equal(g.windows[0].ok + g.windows[1].ok, 201);
	assert_int_equal(g.windows[0].ok, 100);
	assert_int_equal(g.windows[6].err + g.windows[7].err, 21);
	assert_int_equal(g.windows[7].classes[3], 11);
	assert_int_equal(g.windows[19].completed_ok, 101);
	assert_true(g.windows[19].covered >= 1);
	assert_int_equal(g.windows[4].first_ok_us, 5000);
	assert_int_equal(g.windows[4].last_ok_us, 995000);
	grid_latency(&g, 5, &h);
	assert_int_equal(h.total, 101);
	const double q[] = {0.5, 0.95, 0.99}, want_ms[] = {10, 20, 40};
	for (size_t i = 0; i < ARRAY_LEN(q); i++)
		assert_true(fabs((double)hist_quantile_ns(&h, q[i]) - want_ms[i] * 1e6) < want_ms[i] * 1e4);
	summarize(&s, &g, NULL, 0, ms_to_ns(5000));
	assert_true(s.throughput_rps > 100.4 && s.throughput_rps < 100.6);
	grid_release(&g);
}

/* In pieces of a window, beside requests, and without latencies. */
static void counts_in_pieces(void **state)
{
	(void)state;
	struct grid g;
	struct summary s;
	start(&g, T0);
	for (int i = 0; i < 40; i++) {
		const struct grid_counts c = {at(i * 0.25), NS_PER_S / 4, 5, 1, -1, -1, -1, 3};
		grid_add_counts(&g, &c);
	}
	const struct grid_counts early = {at(-5), NS_PER_S, 7, 0, -1, -1, -1, 3};
	grid_add_counts(&g, &early);
	grid_add(&g, at(3.5), NS_PER_MS, 0);
	grid_finish(&g, 0);
	assert_int_equal(g.count, 10);
	assert_int_equal(g.outside, 1);
	for (size_t k = 0; k < g.count; k++) {
		assert_int_equal(g.windows[k].ok, k == 3 ? 21 : 20);
		assert_int_equal(g.windows[k].err, 4);
	}
	summarize(&s, &g, NULL, 5, ms_to_ns(5000));
	assert_int_equal(s.latency_ns[0], -1);
	assert_int_equal(s.latency_all_ns[0], -1);
	assert_int_equal(s.max_latency_ns, -1);
	grid_release(&g);
}

/* Of more nodes than rows are set aside at first, all at one time: the next time tells how long theirs is. */
static void counts_of_many_nodes(void **state)
{
	(void)state;
	struct grid g;
	const int nodes[] = {1, 255, 256, 300, 5000};
	for (size_t n = 0; n < ARRAY_LEN(nodes); n++) {
		start(&g, 0);
		for (int i = 0; i < 6 * nodes[n]; i++) {
			const struct grid_counts c = {at(i / nodes[n] * 10), 0, 100, 0, -1, -1, -1, 3};
			grid_add_counts(&g, &c);
		}
		grid_finish(&g, 0);
		assert_int_equal(g.count, 60);
		for (size_t k = 0; k < g.count; k++)
			assert_int_equal(g.windows[k].ok, 10 * nodes[n]);
		grid_release(&g);
	}
	/* of one time alone, and too many to be set aside: a window */
	start(&g, 0);
	for (int i = 0; i < GRID_UNSIZED_MAX + 10; i++) {
		const struct grid_counts c = {T0, 0, 1, 0, -1, -1, -1, 3};
		grid_add_counts(&g, &c);
	}
	grid_finish(&g, 0);
	assert_int_equal(g.count, 1);
	assert_int_equal(g.windows[0].ok, GRID_UNSIZED_MAX + 10);
	grid_release(&g);
}

int main(void)
{
	const struct CMUnitTest grid[] = {
		cmocka_unit_test(so_far),
		cmocka_unit_test(widened),
		cmocka_unit_test(long_runs),
		cmocka_unit_test(hostile_ends),
		cmocka_unit_test(usual_windows),
		cmocka_unit_test(only_rests_left),
		cmocka_unit_test(counts_each_second),
		cmocka_unit_test(failures_by_due_time),
		cmocka_unit_test(unjudged_requests),
		cmocka_unit_test(ends),
		cmocka_unit_test(end_after_a_hole),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(early_row),
		cmocka_unit_test(begins_late),
		cmocka_unit_test(latencies_by_window),
		cmocka_unit_test(odd_times),
		cmocka_unit_test(nothing_and_little),
		cmocka_unit_test(lost_rows_are_unmeasured),
		cmocka_unit_test(summaries),
		cmocka_unit_test(hostile_times),
		cmocka_unit_test(counts_are_spread),
		cmocka_unit_test(counts_in_pieces),
		cmocka_unit_test(counts_of_many_nodes),
	};
	return RUN_GROUP(grid);
}
