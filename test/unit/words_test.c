#include "base/buf.h"
#include "stream/json.h"
#include "report/facts/words.h"

#include <math.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void changes_are_said_in_the_form_that_fits_their_size(void **state)
{
	char w[WORDS_MAX];
	(void)state;
	assert_string_equal(words_ratio(50, 34, w), "−32 %");
	assert_string_equal(words_ratio(50, 50.1, w), "0 %");
	assert_string_equal(words_ratio(100, 149, w), "+49 %");
	assert_string_equal(words_ratio(100, 180, w), "×1.8");
	assert_string_equal(words_ratio(10, 500, w), "×50");
	assert_string_equal(words_ratio(0, 5, w), "");
	assert_string_equal(words_ratio(5, (double)NAN, w), "");
	assert_string_equal(words_points(0.01, 0.051, w), "+4.1 points");
	assert_string_equal(words_points(0.5, 0.25, w), "−25.0 points");
	assert_string_equal(words_points(0.1, 0.1001, w), "0 points");
	assert_string_equal(words_points(0.1, (double)NAN, w), "");
}

static void a_compared_change_is_that_of_the_analysis(void **state)
{
	static const char text[] = "{\"ratio\": 1.036, \"diff\": 0.138}";
	char w[WORDS_MAX];
	struct err e;
	struct json *j = json_parse(text, strlen(text), "test", &e);
	(void)state;
	assert_string_equal(words_compared(j, false, w), "+4 %");
	assert_string_equal(words_compared(j, true, w), "+13.8 points");
	assert_string_equal(words_compared(NULL, false, w), "");
	json_free(j);
}

static void a_share_is_never_rounded_to_all_or_nothing(void **state)
{
	char w[WORDS_MAX];
	(void)state;
	assert_string_equal(words_share(0, w), "0 %");
	assert_string_equal(words_share(1, w), "100 %");
	assert_string_equal(words_share(0.138, w), "13.8 %");
	assert_string_equal(words_share(0.9987, w), "99.87 %");
	assert_string_equal(words_share(0.00421, w), "0.42 %");
	assert_string_equal(words_share(0.000001, w), "below 0.01 %");
	assert_string_equal(words_share(0.999999, w), "above 99.99 %");
	assert_string_equal(words_share((double)NAN, w), "unknown");
}

static void a_reason_is_a_metric_or_that_of_a_phase(void **state)
{
	static const char *const all[][2] = {
		{"p99_latency_ms", "p99 latency"},
		{"kill: error_rate", "error rate (phase kill)"},
		{"a: b: err", "failed (phase a: b)"},
		{"x:", "x:"}, /* of a file that others wrote */
		{"", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		char *words = words_reason(all[i][0]);
		assert_string_equal(words, all[i][1]);
		free(words);
	}
}

static void values_keep_three_digits(void **state)
{
	char w[WORDS_MAX];
	(void)state;
	assert_string_equal(words_value(0.423, " ms", w), "0.42 ms");
	assert_string_equal(words_value(79.16, " ms", w), "79.2 ms");
	assert_string_equal(words_value(99.96, " ms", w), "100 ms");
	assert_string_equal(words_value(147.8, " ms", w), "148 ms");
	assert_string_equal(words_value(0, "/s", w), "0/s");
	assert_string_equal(words_value(20000.4, "/s", w), "20,000/s");
	assert_string_equal(words_many(36000, w), "36,000");
	assert_string_equal(words_many(7.25, w), "7.25");
	assert_int_equal(text_break("below 10.0 % of it", 11), 5);
	assert_string_equal(words_span(0.028, w), "28.0 ms");
	assert_string_equal(words_span(7.988, w), "8.0 s");
	assert_string_equal(words_span(-0.31, w), "-310 ms");
	assert_string_equal(words_span(180, w), "180 s");
}

/* Both lines of a finding, of 40 columns each. */
static const char *in_lines(const char *text, char out[static 128])
{
	size_t cut;
	char *both = text_two_lines(text, 40, &cut);
	snprintf(out, 128, "%.*s|%s", (int)cut, both, both + cut);
	assert_true(text_columns(both) <= 81 && strlen(both) < 120);
	free(both);
	return out;
}

static void a_finding_too_long_loses_clauses_never_letters(void **state)
{
	char w[128];
	(void)state;
	assert_string_equal(in_lines("web killed at 9.0 s: no anomaly", w), "web killed at 9.0 s: no anomaly|");
	assert_string_equal(in_lines("web killed at 9.0 s: up to 34.0 % errors of shop, healthy again at most 18.0 s after each, "
				     "802 of 1,395 acknowledged writes lost; not judged: latency, throughput", w),
			    "web killed at 9.0 s: up to 34.0 %,| 802 of 1,395 acknowledged writes lost …");
	assert_string_equal(in_lines("web killed at 9.0 s: no anomaly, 4.0 % errors (4 of 100, below the threshold of 10.0 %)", w),
			    "web killed at 9.0 s: no anomaly …|");
	assert_string_equal(in_lines("one clause alone of a good many words that no line nor any two of them can hold at once", w),
			    "one clause alone of a good many words| that no line nor any two of them can …");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reason_is_a_metric_or_that_of_a_phase),
		cmocka_unit_test(changes_are_said_in_the_form_that_fits_their_size),
		cmocka_unit_test(a_compared_change_is_that_of_the_analysis),
		cmocka_unit_test(a_share_is_never_rounded_to_all_or_nothing),
		cmocka_unit_test(values_keep_three_digits),
		cmocka_unit_test(a_finding_too_long_loses_clauses_never_letters),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
