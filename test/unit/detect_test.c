#include "base/units.h"
#include "detect/detect.h"

#include "unit.h"

#include <math.h>
#include <string.h>

#define T0 (INT64_C(1766500030) * NS_PER_S)

/* A run told by one letter a second, 50 requests due in each:
 *	. good    x all fail    e 20 % fail (more than the error threshold)
 *	s 8 % fail (less than it)    ' ' nothing due, nothing done    u unmeasured */
static void draw(struct grid *g, const char *seconds)
{
	grid_init(g, NS_PER_S, T0);
	for (size_t k = 0; seconds[k]; k++) {
		int64_t start = T0 + (int64_t)k * NS_PER_S;
		int bad = seconds[k] == 'x' ? 50 : seconds[k] == 'e' ? 10 : seconds[k] == 's' ? 4 : 0;
		for (int i = 0; i < 50 && seconds[k] != ' '; i++)
			grid_add(g, start + i * 20 * NS_PER_MS, NS_PER_MS, i < bad ? 1 : 0);
		if (seconds[k] == 'u')
			grid_add_lost(g, 1, start, start);
	}
	grid_finish(g, T0 + (int64_t)strlen(seconds) * NS_PER_S);
}

static void judge(struct detection *d, struct grid *g, const char *seconds, double warmup_s)
{
	struct detect_params p = DETECT_DEFAULTS;
	p.warmup_s = warmup_s;
	draw(g, seconds);
	struct baseline b = {.ok_per_window = 50, .ok_per_planned = (double)NAN, .windows = 1};
	detect(d, g, NULL, &b, &p);
}

/* The anomalous seconds as '#', others as '-', those that are not judged as '~'. */
static void assert_judged(const char *seconds, double warmup_s, const char *want)
{
	char got[128] = "";
	struct grid g;
	struct detection d;
	judge(&d, &g, seconds, warmup_s);
	assert_int_equal(d.count, strlen(seconds));
	for (size_t k = 0; k < d.count; k++)
		got[k] = !d.windows[k].judged ? '~' : d.windows[k].anomalous ? '#' : '-';
	assert_string_equal(got, want);
	detection_release(&d);
	grid_release(&g);
}

static void seconds_are_judged(void **state)
{
	(void)state;
	assert_judged("..........", 5, "~~~~~-----");
	assert_judged("x....xx..e", 5, "~~~~~##--#");
	assert_judged("x....xx..e", 0, "#----##--#");
	assert_judged("...  s.u..", 0, "---##--~--");
	assert_judged("...xx", 2.5, "~~~##");
}

static void reasons_and_intervals(void **state)
{
	(void)state;
	struct grid g;
	struct detection d;
	judge(&d, &g, ".e.xx ..", 0);
	assert_int_equal(d.interval_count, 2);
	assert_int_equal(d.intervals[0].start, 1);
	assert_int_equal(d.intervals[0].end, 2);
	assert_int_equal(d.intervals[0].reasons, REASON_ERRORS);
	assert_true(fabs(d.intervals[0].min_ratio - 0.8) < 1e-9);
	assert_int_equal(d.intervals[1].start, 3);
	assert_int_equal(d.intervals[1].end, 6);
	assert_int_equal(d.intervals[1].reasons, REASON_ERRORS | REASON_THROUGHPUT);
	assert_true(d.intervals[1].min_ratio <= 0 && d.intervals[1].max_error_rate >= 1);
	assert_int_equal(d.windows[5].reasons, REASON_THROUGHPUT);
	assert_int_equal(d.judged, 8);
	assert_int_equal(d.anomalous, 4);
	detection_release(&d);
	grid_release(&g);
}

/* Exactly at a threshold is not beyond it. */
static void thresholds_are_exact(void **state)
{
	(void)state;
	struct grid g;
	struct detection d;
	struct baseline b = {.ok_per_window = 50, .ok_per_planned = (double)NAN};
	struct detect_params p = {.throughput_drop = 0.2, .error_rate = 0.2, .healthy_windows = 5};
	draw(&g, ".e."); /* 40 of 50, 20 % errors */
	detect(&d, &g, NULL, &b, &p);
	assert_int_equal(d.anomalous, 0);
	detection_release(&d);
	p.throughput_drop = 0.19;
	detect(&d, &g, NULL, &b, &p);
	assert_int_equal(d.windows[1].reasons, REASON_THROUGHPUT);
	detection_release(&d);
	p.throughput_drop = 1; /* never */
	p.error_rate = 0.19;
	detect(&d, &g, NULL, NULL, &p);
	assert_int_equal(d.windows[1].reasons, REASON_ERRORS);
	detection_release(&d);
	grid_release(&g);
}

static void assert_recovery(const char *seconds, double fault_at, double until, bool affected,
			    bool censored, size_t first, size_t recovered)
{
	struct grid g;
	struct detection d;
	judge(&d, &g, seconds, 0);
	struct recovery r = recovery_after(&d, fault_at, until, (double)NAN, 5);
	if (r.affected != affected || r.censored != censored ||
	    (affected && (r.first != first || r.recovered != recovered)))
		fail_msg("'%s' at %g: affected %d censored %d first %zu recovered %zu", seconds,
			 fault_at, r.affected, r.censored, r.first, r.recovered);
	detection_release(&d);
	grid_release(&g);
}

static void recoveries(void **state)
{
	(void)state;
	const double never = (double)NAN;
	assert_recovery("..........", 3, never, false, false, 0, 0);
	assert_recovery("...xxx.....", 3.2, never, true, false, 3, 6);
	/* a late blip does not stretch it */
	assert_recovery("...xxx..............x.......", 3.2, never, true, false, 3, 6);
	/* a relapse before five good seconds does */
	assert_recovery("...xxx....x.....", 3.2, never, true, false, 3, 11);
	/* the effect may take its time */
	assert_recovery(".........xx........", 3.2, never, true, false, 9, 11);
	/* anomalies before the fault are not its doing */
	assert_recovery("xx......xx.......", 6.5, never, true, false, 8, 10);
	assert_recovery("xx.........", 3, never, false, false, 0, 0);
	/* never good again; or too near the end to say so */
	assert_recovery("...xxxxxx", 3, never, true, true, 3, 9);
	assert_recovery("...xx....", 3, never, true, true, 3, 9);
	assert_recovery("...xx.....", 3, never, true, false, 3, 5);
	assert_recovery("........x", 8.9, never, true, true, 8, 9);
	/* a fault after the end */
	assert_recovery("......", 40, never, false, false, 0, 0);
	/* nobody knows what an unmeasured second was; a pause neither counts nor breaks */
	assert_recovery("..x..u.....", 2, never, true, false, 2, 6);
	assert_recovery("..x..u...", 2, never, true, true, 2, 9);
}

static void no_effect_once_it_is_over(void **state)
{
	(void)state;
	/* lifted at 4, five good seconds since: the anomaly at 10 is somebody else's */
	assert_recovery("..........xx.....", 2, 4, false, false, 0, 0);
	assert_recovery("..........xx.....", 2, 8, true, false, 10, 12);
	/* not lifted: it may still be the cause */
	assert_recovery("..........xx.....", 2, (double)NAN, true, false, 10, 12);
}

/* What follows a later fault is not the doing of an earlier one that was over. */
static void the_next_fault_ends_it(void **state)
{
	(void)state;
	static const struct {
		const char *seconds;
		double next;
		struct recovery want;
	} cases[] = {
		{"...xxx...xx......", 9.2, {.affected = true, .first = 3, .recovered = 6}},
		/* in flight when the next one struck */
		{"...xxx..xxx......", 9.2, {.affected = true, .first = 3, .recovered = 6}},
		{"........xxx......", 9.2, {.affected = false}},
		/* not well between the two: their recovery is one */
		{"...xxxxxxxx......", 9.2, {.affected = true, .first = 3, .recovered = 11}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct grid g;
		struct detection d;
		judge(&d, &g, cases[i].seconds, 0);
		struct recovery r = recovery_after(&d, 3.2, 5.5, cases[i].next, 5);
		assert_int_equal(r.affected, cases[i].want.affected);
		if (r.affected) {
			assert_int_equal(r.first, cases[i].want.first);
			assert_int_equal(r.recovered, cases[i].want.recovered);
			assert_false(r.censored);
		}
		detection_release(&d);
		grid_release(&g);
	}
}

static void relapses_of_a_fault_that_goes_on(void **state)
{
	(void)state;
	struct grid g;
	struct detection d;
	judge(&d, &g, "...x......x.....x......", 0);
	assert_int_equal(recovery_after(&d, 3.2, 12.5, (double)NAN, 5).relapses, 1);
	assert_int_equal(recovery_after(&d, 3.2, 12.5, (double)NAN, 5).recovered, 4);
	assert_int_equal(recovery_after(&d, 3.2, 5.5, (double)NAN, 5).relapses, 0);
	detection_release(&d);
	grid_release(&g);
}

static void pauses(void **state)
{
	(void)state;
	struct grid g;
	struct detection d;
	struct detect_params p = DETECT_DEFAULTS;
	double planned[13];
	const char *seconds = "..x..    ...";
	p.warmup_s = 0;
	draw(&g, seconds);
	for (size_t k = 0; seconds[k]; k++)
		planned[k] = seconds[k] == ' ' ? 0 : 50;
	struct baseline b = baseline_of(&g, planned, 0, 2);
	detect(&d, &g, planned, &b, &p);
	assert_int_equal(d.anomalous, 1);
	assert_int_equal(d.judged, 8);
	struct recovery r = recovery_after(&d, 2, (double)NAN, (double)NAN, 5);
	assert_true(r.affected && !r.censored);
	assert_int_equal(r.recovered, 3);
	detection_release(&d);
	grid_release(&g);
}

static void baselines(void **state)
{
	(void)state;
	struct grid g;
	double planned[12];
	draw(&g, "xx..e.u..xx");
	struct baseline b = baseline_of(&g, NULL, 2, 9);
	assert_true(b.ok_per_window > 49.9 && b.ok_per_window < 50.1);
	assert_int_equal(b.windows, 6);
	assert_true(isnan(b.ok_per_planned));
	b = baseline_of(&g, NULL, 9, 11);
	assert_true(b.ok_per_window <= 0);
	b = baseline_of(&g, NULL, 6, 7);
	assert_true(isnan(b.ok_per_window));
	b = baseline_of(&g, NULL, 11, 40);
	assert_int_equal(b.windows, 0);
	/* The plan doubles from second 5 on, and the same successes are then half of it. */
	for (size_t k = 0; k < 11; k++)
		planned[k] = k < 5 ? 50 : 100;
	b = baseline_of(&g, planned, 2, 4);
	assert_true(fabs(b.ok_per_planned - 1) < 1e-9);
	struct detect_params p = {.throughput_drop = 0.4, .error_rate = 1, .healthy_windows = 5};
	struct detection d;
	detect(&d, &g, planned, &b, &p);
	assert_true(!d.windows[3].anomalous && d.windows[5].anomalous);
	assert_true(fabs(d.windows[5].expected - 100) < 1e-9 && fabs(d.windows[5].ratio - 0.5) < 1e-9);
	detection_release(&d);
	grid_release(&g);
}

static void last_part_of_a_second(void **state)
{
	(void)state;
	struct grid g;
	struct detection d;
	struct detect_params p = DETECT_DEFAULTS;
	struct baseline b = {.ok_per_window = 50, .ok_per_planned = (double)NAN};
	for (int rows = 110; rows <= 140; rows += 30) { /* 2.2 s, 2.8 s */
		grid_init(&g, NS_PER_S, T0);
		for (int i = 0; i < rows; i++)
			grid_add(&g, T0 + i * 20 * NS_PER_MS, 0, 0);
		grid_finish(&g, 0);
		p.warmup_s = 0;
		detect(&d, &g, NULL, &b, &p);
		assert_int_equal(d.count, 3);
		assert_int_equal(d.windows[2].judged, rows == 140);
		assert_true(fabs(d.windows[2].ratio - 1) < 0.01);
		assert_int_equal(d.anomalous, 0);
		detection_release(&d);
		grid_release(&g);
	}
}

int main(void)
{
	const struct CMUnitTest detect_group[] = {
		cmocka_unit_test(seconds_are_judged),
		cmocka_unit_test(reasons_and_intervals),
		cmocka_unit_test(thresholds_are_exact),
		cmocka_unit_test(recoveries),
		cmocka_unit_test(no_effect_once_it_is_over),
		cmocka_unit_test(the_next_fault_ends_it),
		cmocka_unit_test(relapses_of_a_fault_that_goes_on),
		cmocka_unit_test(pauses),
		cmocka_unit_test(baselines),
		cmocka_unit_test(last_part_of_a_second),
	};
	return RUN_GROUP(detect_group);
}
