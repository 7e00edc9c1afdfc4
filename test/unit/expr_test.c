#include "base/units.h"
#include "detect/expr.h"

#include "random.h"
#include "unit.h"

#include <math.h>
#include <string.h>

static const char *const metrics[] = {"recovery_time_sec", "p99_latency_ms", "error_rate", "unknown",
				      "availability.time", NULL};

/* recovery_time_sec is censored at 20 s. */
static struct expr_value get(const void *context, unsigned metric, bool baseline)
{
	(void)context;
	if (metric == 0)
		return expr_more_than(20);
	if (metric == 1)
		return expr_exactly(baseline ? 100 : 130);
	return metric == 2 ? expr_exactly(0.05) : metric == 4 ? expr_exactly(0.9) : expr_unknown();
}

static const struct expr_source source = {.get = get};

static void assert_truth(const char *text, enum expr_truth want)
{
	struct expr x;
	struct err e;
	if (expr_parse(&x, text, metrics, &e))
		fail_msg("'%s': %s", text, e.msg);
	enum expr_truth got = expr_eval(&x, &source, NULL, NULL);
	if (got != want)
		fail_msg("'%s' is %d, not %d", text, got, want);
}

static void rules(void **state)
{
	(void)state;
	assert_truth("1 > 0", EXPR_TRUE);
	assert_truth("1>1", EXPR_FALSE);
	assert_truth("1 >= 1", EXPR_TRUE);
	assert_truth("1 <= 0.5", EXPR_FALSE);
	assert_truth("2 + 3 * 4 == 14", EXPR_TRUE);
	assert_truth("(2 + 3) * 4 == 20", EXPR_TRUE);
	assert_truth("10 - 3 - 2 == 5", EXPR_TRUE);
	assert_truth("-2 * -(1 + 1) != 4", EXPR_FALSE);
	assert_truth("8 / 4 / 2 == 1", EXPR_TRUE);
	assert_truth("1e3 == 1000", EXPR_TRUE);
	assert_truth("p99_latency_ms > 1.2 * baseline.p99_latency_ms", EXPR_TRUE);
	assert_truth("p99_latency_ms > 1.3 * baseline.p99_latency_ms", EXPR_FALSE);
	assert_truth("availability.time<.95", EXPR_TRUE);
	/* The unit of a time may stand behind it, too. */
	assert_truth("p99_latency_ms > 0.129s", EXPR_TRUE);
	assert_truth("p99_latency_ms > 130ms", EXPR_FALSE);
	assert_truth("recovery_time_sec > 20000ms for 2s", EXPR_TRUE);
	assert_truth("recovery_time_sec > 0.3m", EXPR_TRUE);
	assert_truth("recovery_time_sec > 0m20s500ms", EXPR_UNKNOWN);
	assert_truth("recovery_time_sec<0.001h", EXPR_FALSE);
	assert_truth("p99_latency_ms > 129900us + 0", EXPR_TRUE);
	assert_truth("p99_latency_ms > 1.299e2", EXPR_TRUE);
}

static void what_is_not_known_decides_where_it_can(void **state)
{
	(void)state;
	assert_truth("recovery_time_sec > 10", EXPR_TRUE);
	assert_truth("recovery_time_sec > 20", EXPR_TRUE); /* it was not well at 20 s */
	assert_truth("recovery_time_sec > 30", EXPR_UNKNOWN);
	assert_truth("recovery_time_sec <= 10", EXPR_FALSE);
	assert_truth("recovery_time_sec < 30", EXPR_UNKNOWN);
	assert_truth("-recovery_time_sec < -10", EXPR_TRUE);
	assert_truth("2 * recovery_time_sec > 39", EXPR_TRUE);
	assert_truth("0 * recovery_time_sec == 0", EXPR_TRUE);
	assert_truth("100 / recovery_time_sec < 6", EXPR_TRUE);
	assert_truth("recovery_time_sec - recovery_time_sec > 0", EXPR_UNKNOWN);
	assert_truth("unknown > 0", EXPR_UNKNOWN);
	assert_truth("unknown == unknown", EXPR_UNKNOWN);
	assert_truth("recovery_time_sec == 20", EXPR_FALSE);
	assert_truth("1 / (error_rate - error_rate) > 0", EXPR_UNKNOWN);
	assert_truth("1 / 0 > 0", EXPR_UNKNOWN);
	assert_truth("1e300 * 1e300 > 1", EXPR_TRUE);
}

static void spans(void **state)
{
	(void)state;
	struct expr x;
	struct err e;
	assert_int_equal(expr_parse(&x, " error_rate > 0.05 for 1m30s ", metrics, &e), 0);
	assert_int_equal(x.for_ns, 90 * NS_PER_S);
	assert_false(x.uses_baseline);
}

static void errors_have_a_position(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"", "column 1: want a number"},
		{"1", "column 2: want one of >"},
		{"1 >", "column 4: want a number"},
		{"1 > 2 3", "column 7: want the end"},
		{"1 > 2 > 3", "column 7: want the end"},
		{"1 = 2", "column 3: want one of > >= < <= == !=; did you mean '=='?"},
		{"1 => 2", "did you mean '>='?"},
		{"1 > 2 && 3 > 4", "column 7: a rule is one comparison"},
		{"1 > 2 or 3 > 4", "column 7: a rule is one comparison"},
		{"(1 > 2", "column 4: a ')' is missing"},
		{"p99 > 1", "column 1: no metric 'p99'; did you mean 'p99_latency_ms'?"},
		{"latency_p99 > 200ms", "did you mean 'p99_latency_ms'?"},
		{"latency.p99 > 200ms", "did you mean 'p99_latency_ms'?"},
		{"P99_ms > 200", "did you mean 'p99_latency_ms'?"},
		{"p99latency > 200", "did you mean 'p99_latency_ms'?"},
		{"time_to_recovery > 2s", "did you mean 'recovery_time_sec'?"},
		{"errors > 2", "did you mean 'error_rate'?"},
		{"recoverd > 2", "did you mean 'recovery_time_sec'?"},
		{"of_s > 2", "no metric 'of_s'"},
		{"1 < eror_rate", "column 5: no metric 'eror_rate'; did you mean 'error_rate'?"},
		{"error_rate > baseline.eror_rate", "column 14: no metric 'eror_rate'"},
		{"error_rate > 5%%", "column 16: numbers have no unit"},
		{"error_rate > 5ms", "column 15: numbers have no unit"},
		{"recovery_time_sec > 1min", "column 21: want a time span, as 500ms or 1m30s"},
		{"error_rate > 1..2", "column 14: not a number"},
		{"error_rate > 1 for", "column 16: want the end"},
		{"error_rate > 1 for ever", "column 20: want a time span"},
		{"error_rate > 1 for 0s", "column 20: want a time span"},
		{"error_rate > 1 for 1s x", "column 20: want a time span"},
		{"$(reboot) > 1", "column 1: want a number"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct expr x;
		struct err e = {.msg = ""};
		if (expr_parse(&x, cases[i].text, metrics, &e) != -1)
			fail_msg("'%s' is no rule", cases[i].text);
		assert_contains(e.msg, cases[i].want);
		assert_int_equal(e.code, EXIT_USAGE);
	}
}

static void hostile(void **state)
{
	(void)state;
	struct expr x;
	struct err e;
	char text[2000];
	memset(text, '(', sizeof text);
	text[sizeof text - 1] = '\0';
	assert_int_equal(expr_parse(&x, text, metrics, &e), -1);
	text[EXPR_TEXT_MAX - 1] = '\0';
	assert_int_equal(expr_parse(&x, text, metrics, &e), -1);
	memset(text, '-', EXPR_TEXT_MAX - 1);
	assert_int_equal(expr_parse(&x, text, metrics, &e), -1);
	for (size_t i = 0; i + 1 < EXPR_TEXT_MAX; i++)
		text[i] = i % 2 ? '+' : '1';
	assert_int_equal(expr_parse(&x, text, metrics, &e), -1);
	/* Pieces of rules in any order: an answer, or an error with a message. */
	static const char *const pieces[] = {
		"error_rate", "baseline.", "recovery_time_sec", "unknown", "1", "2.5e", "(", ")", "-", "+", "*",
		"/", ">", "<=", "=", "for ", "5s", " ", "\t", "\x01", "\xff", "."};
	struct rng r;
	rng_init(&r, 4711);
	for (int i = 0; i < 200000; i++) {
		text[0] = '\0';
		for (uint64_t n = rng_below(&r, 12); n > 0; n--)
			strcat(text, pieces[rng_below(&r, sizeof pieces / sizeof pieces[0])]);
		e.msg[0] = '\0';
		if (expr_parse(&x, text, metrics, &e) == 0)
			assert_in_range(expr_eval(&x, &source, NULL, NULL), 0, 2);
		else
			assert_contains(e.msg, "wrong rule");
	}
}

int main(void)
{
	const struct CMUnitTest expr_group[] = {
		cmocka_unit_test(rules),
		cmocka_unit_test(what_is_not_known_decides_where_it_can),
		cmocka_unit_test(spans),
		cmocka_unit_test(errors_have_a_position),
		cmocka_unit_test(hostile),
	};
	return RUN_GROUP(expr_group);
}
