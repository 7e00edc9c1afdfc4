#include "random.h"
#include "unit.h"

#include "base/units.h"
#include "plan/arrivals.h"
#include "plan/profile.h"
#include "plan/schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t schedule_due(const struct schedule *s, uint64_t slot)
{
	return schedule_due_at(s, (double)slot);
}

/* The rate that the pieces plan for a moment. */
static double schedule_rate_at(const struct schedule *s, int64_t at_ns)
{
	const struct schedule_piece *p = NULL;
	for (size_t i = 0; i < s->count && s->pieces[i].at_ns <= at_ns; i++)
		p = &s->pieces[i];
	if (!p || at_ns >= s->end_ns)
		return 0;
	int64_t t = at_ns - p->at_ns;
	return t >= p->ramp_ns ? p->to
			       : p->from + (p->to - p->from) * ns_to_s(t) / ns_to_s(p->ramp_ns);
}

static uint64_t count_slots(const struct schedule *s)
{
	uint64_t n = 0;
	while (schedule_due(s, n) != SCHEDULE_NEVER)
		n++;
	return n;
}

static void constant_rate_is_exact(void **state)
{
	static const struct {
		double rate, seconds;
		uint64_t slots;
	} cases[] = {
		{50, 20, 1000},	 {1, 1, 1},	   {0.1, 30, 3},  {7, 3, 21},
		{3, 0.5, 2},	 {1e5, 1, 100000}, {0.3, 10, 3},  {1000 / 7.0, 7, 1000},
		{33.3, 10, 333}, {10, 0.1, 1},	   {10, 0.11, 2},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct schedule s;
		schedule_init(&s);
		schedule_rate(&s, 0, cases[i].rate);
		schedule_end(&s, s_to_ns(cases[i].seconds));
		assert_int_equal(count_slots(&s), cases[i].slots);
		for (uint64_t n = 0; n < cases[i].slots; n++)
			assert_true(llabs(schedule_due(&s, n) -
					  s_to_ns((double)n / cases[i].rate)) <= 1);
		schedule_release(&s);
	}
}

static void nothing_without_a_rate(void **state)
{
	struct schedule s;
	(void)state;
	schedule_init(&s);
	assert_int_equal(schedule_due(&s, 0), SCHEDULE_NEVER);
	schedule_rate(&s, 0, 0);
	assert_int_equal(schedule_due(&s, 0), SCHEDULE_NEVER);
	schedule_release(&s);
}

static void a_pause_has_no_slots(void **state)
{
	struct schedule s;
	(void)state;
	schedule_init(&s);
	schedule_rate(&s, 0, 50);
	schedule_rate(&s, 2 * NS_PER_S, 0);
	assert_int_equal(schedule_due(&s, 99), s_to_ns(1.98));
	assert_int_equal(schedule_due(&s, 100), SCHEDULE_NEVER);
	schedule_rate(&s, 5 * NS_PER_S, 10);
	assert_int_equal(schedule_due(&s, 99), s_to_ns(1.98));
	assert_int_equal(schedule_due(&s, 100), s_to_ns(5));
	assert_int_equal(schedule_due(&s, 101), s_to_ns(5.1));
	schedule_release(&s);
}

static void a_change_keeps_the_phase(void **state)
{
	struct schedule s;
	(void)state;
	schedule_init(&s);
	schedule_rate(&s, 0, 50);
	schedule_rate(&s, s_to_ns(2.01), 10); /* 100.5 slots owed by then */
	assert_int_equal(schedule_due(&s, 100), s_to_ns(2));
	assert_int_equal(schedule_due(&s, 101), s_to_ns(2.06));
	schedule_release(&s);
}

static void ramps_follow_the_integral(void **state)
{
	struct schedule s;
	(void)state;
	schedule_init(&s);
	schedule_ramp(&s, 0, 0, 100, 10 * NS_PER_S); /* 500 slots, then 100/s */
	assert_int_equal(schedule_due(&s, 0), 0);
	/* 5 t² = 125 at 5 s */
	assert_true(llabs(schedule_due(&s, 125) - 5 * NS_PER_S) <= 1);
	assert_true(llabs(schedule_due(&s, 500) - 10 * NS_PER_S) <= 1);
	assert_true(llabs(schedule_due(&s, 600) - 11 * NS_PER_S) <= 1);
	assert_true(fabs(schedule_rate_at(&s, 5 * NS_PER_S) - 50) < 1e-9);
	schedule_end(&s, 12 * NS_PER_S);
	assert_int_equal(count_slots(&s), 700);
	schedule_release(&s);

	schedule_init(&s);
	schedule_ramp(&s, 0, 100, 0, 10 * NS_PER_S); /* down to nothing: 500 slots */
	schedule_end(&s, 100 * NS_PER_S);
	assert_int_equal(count_slots(&s), 500);
	schedule_release(&s);
}

static void changes_sort_themselves(void **state)
{
	struct schedule s;
	(void)state;
	schedule_init(&s);
	schedule_rate(&s, 4 * NS_PER_S, 5);
	schedule_ramp(&s, 2 * NS_PER_S, 0, 100, 30 * NS_PER_S); /* cut short by the one above */
	schedule_rate(&s, 0, 10);
	schedule_rate(&s, 0, 20); /* the later call wins */
	assert_true(fabs(schedule_rate_at(&s, NS_PER_S) - 20) < 1e-9);
	assert_true(fabs(schedule_rate_at(&s, 4 * NS_PER_S) - 5) < 1e-9);
	assert_true(fabs(schedule_rate_at(&s, 40 * NS_PER_S) - 5) < 1e-9);
	schedule_end(&s, 9 * NS_PER_S);
	schedule_end(&s, 50 * NS_PER_S); /* the earlier end stays */
	assert_true(fabs(schedule_rate_at(&s, 9 * NS_PER_S)) < 1e-9);
	schedule_release(&s);
}

/* Whatever changes come, due times never decrease, and as many slots fall due
 * as the rate's integral says. */
static void random_plans_hold_together(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct rng r;
		struct schedule s;
		double slots = 0;
		rng_init(&r, seed);
		schedule_init(&s);
		int64_t at = 0;
		for (int i = 0; i < 10; i++) {
			int64_t len = (int64_t)rng_below(&r, 3 * NS_PER_S);
			double from = (double)rng_below(&r, 4) * 50;
			double to = rng_below(&r, 2) ? from : rng_unit(&r) * 300;
			schedule_ramp(&s, at, from, to, to > from || to < from ? len : 0);
			slots += (from + to) / 2 * ns_to_s(len);
			at += len;
		}
		schedule_end(&s, at);
		uint64_t n = count_slots(&s);
		assert_true(fabs((double)n - slots) <= 1.001);
		for (uint64_t i = 1; i < n; i++)
			assert_true(schedule_due(&s, i) >= schedule_due(&s, i - 1));
		schedule_release(&s);
	}
}

static void poisson_gaps_are_exponential_and_repeat(void **state)
{
	enum { SLOTS = 200000 };
	struct arrivals a, again, other;
	double last = 0, sum_of_squares = 0;
	int long_ones = 0;
	(void)state;
	arrivals_init(&a, true, 7);
	arrivals_init(&other, true, 8);
	for (uint64_t i = 0; i < SLOTS; i++) {
		double at = arrivals_place(&a, i), gap = at - last;
		assert_true(gap >= 0);
		long_ones += gap > 1;
		sum_of_squares += gap * gap;
		last = at;
	}
	/* mean 1, mean square 2, P(gap > 1) = 1/e */
	assert_true(fabs(last / SLOTS - 1) < 0.01);
	assert_true(fabs(sum_of_squares / SLOTS - 2) < 0.05);
	assert_true(fabs((double)long_ones / SLOTS - exp(-1)) < 0.01);
	/* the places do not depend on which slots are asked for */
	arrivals_init(&again, true, 7);
	arrivals_place(&again, 3);
	assert_true(fabs(arrivals_place(&again, SLOTS - 1) - last) < 1e-12);
	assert_true(fabs(arrivals_place(&other, SLOTS - 1) - last) > 1e-3);
}

static void profiles_are_read(void **state)
{
	struct rate_profile p;
	struct err e;
	(void)state;
	assert_int_equal(rate_profile_parse(" 30s@50,20s @ 50 .. 500.5 , 1m30s@0", 1e6, &p, &e), 0);
	assert_int_equal(p.count, 3);
	assert_int_equal(p.length_ns, 140 * NS_PER_S);
	assert_int_equal(p.steps[1].at_ns, 30 * NS_PER_S);
	assert_int_equal(p.steps[1].length_ns, 20 * NS_PER_S);
	assert_true(fabs(p.steps[1].from - 50) < 1e-9 && fabs(p.steps[1].to - 500.5) < 1e-9);
	assert_true(fabs(p.steps[2].to) < 1e-9);
	rate_profile_release(&p);
}

static void wrong_profiles_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",	      "30s",	     "@50",	      "30s@",	"30s@50,",
		"30s@50..",   "30s@..50",    "0s@50",	      "x@50",	"1s@x",
		"1s@5..9/1",  "1s@5..9/x",   "1s@5~6/1s",     "1s@5~2", "1s@5~2/",
		"1s@5~2/0",   "1ns@1..2/3",  "9s@5~2/1ns",    "1s@-1",	"1s@1..2..3",
		"1s@2000000", "1s@50;1s@60", "99999999999s@1"};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct rate_profile p;
		struct err e;
		if (!rate_profile_parse(wrong[i], 1e6, &p, &e))
			fail_msg("'%s' was taken", wrong[i]);
		rate_profile_release(&p);
	}
}

static void wrong_profiles_are_told_with_their_column(void **state)
{
	static const struct {
		const char *text, *want;
	} wrong[] = {
		{"30s@50, 20s@50-500",
		 "column 13: '50-500' is not a rate; did you mean the ramp '50..500'?"},
		{"30sec@50", "column 1: '30sec' is not a time span"},
		{"1s@1, 1s@5..x", "column 13: 'x' is not a rate"},
		{"1s@5~6/1s", "column 6: a swing of 6"},
		{"1s@1,4s@20...100", "column 9: '20...100' is not a ramp; did you mean '20..100'?"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct rate_profile p;
		struct err e;
		assert_int_equal(rate_profile_parse(wrong[i].text, 1e6, &p, &e), -1);
		assert_contains(e.msg, wrong[i].want);
		rate_profile_release(&p);
	}
}

static void plan_of(struct schedule *s, const char *text)
{
	struct rate_profile p;
	struct err e;
	assert_int_equal(rate_profile_parse(text, 1e6, &p, &e), 0);
	schedule_init(s);
	for (size_t i = 0; i < p.count; i++)
		schedule_ramp(s, p.steps[i].at_ns, p.steps[i].from, p.steps[i].to,
			      p.steps[i].length_ns);
	schedule_end(s, p.length_ns);
	rate_profile_release(&p);
}

static void stairs_end_at_both_rates(void **state)
{
	struct schedule s;
	(void)state;
	plan_of(&s, "8s@10..40/4");
	assert_int_equal(count_slots(&s), 2 * (10 + 20 + 30 + 40));
	assert_true(fabs(schedule_rate_at(&s, 1) - 10) < 1e-9);
	assert_true(fabs(schedule_rate_at(&s, 3 * NS_PER_S) - 20) < 1e-9);
	assert_true(fabs(schedule_rate_at(&s, 8 * NS_PER_S - 1) - 40) < 1e-9);
	schedule_release(&s);
}

static void a_wave_follows_its_sine(void **state)
{
	const double pi = acos(-1);
	struct schedule s;
	(void)state;
	plan_of(&s, "65s@50~20/10s");
	for (int64_t t = 0; t < 65 * NS_PER_S; t += NS_PER_S / 7)
		assert_true(fabs(schedule_rate_at(&s, t) - 50 -
				 20 * sin(2 * pi * ns_to_s(t) / 10)) < 0.4);
	/* whole periods bring the mean, and the half one what is above it */
	double whole = 60 * 50 + 5 * 50 + 20 * 10 / pi;
	assert_true(fabs((double)count_slots(&s) - whole) < 2);
	schedule_release(&s);
	plan_of(&s, "10s@5~5/2s");
	assert_int_equal(count_slots(&s), 50);
	schedule_release(&s);
}

static void a_list_is_its_own_schedule(void **state)
{
	static const int64_t list[] = {0, 5, 5, NS_PER_S, 3 * NS_PER_S};
	struct schedule s;
	(void)state;
	schedule_init(&s);
	schedule_list(&s, 0, list, 5);
	for (uint64_t i = 0; i < 5; i++)
		assert_int_equal(schedule_due(&s, i), list[i]);
	assert_int_equal(schedule_due(&s, 5), SCHEDULE_NEVER);
	schedule_end(&s, 3 * NS_PER_S);
	assert_int_equal(count_slots(&s), 4);
	schedule_list(&s, NS_PER_S, list, 5); /* it may begin later, and be cut off */
	assert_int_equal(schedule_due(&s, 1), NS_PER_S + 5);
	schedule_cut_list(&s, NS_PER_S + 5);
	assert_int_equal(count_slots(&s), 1);
	schedule_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constant_rate_is_exact),
		cmocka_unit_test(nothing_without_a_rate),
		cmocka_unit_test(a_pause_has_no_slots),
		cmocka_unit_test(a_change_keeps_the_phase),
		cmocka_unit_test(ramps_follow_the_integral),
		cmocka_unit_test(changes_sort_themselves),
		cmocka_unit_test(random_plans_hold_together),
		cmocka_unit_test(poisson_gaps_are_exponential_and_repeat),
		cmocka_unit_test(profiles_are_read),
		cmocka_unit_test(wrong_profiles_are_refused),
		cmocka_unit_test(wrong_profiles_are_told_with_their_column),
		cmocka_unit_test(stairs_end_at_both_rates),
		cmocka_unit_test(a_wave_follows_its_sine),
		cmocka_unit_test(a_list_is_its_own_schedule),
	};
	return RUN_GROUP(tests);
}
