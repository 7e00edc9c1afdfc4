#include "unit.h"

#include "base/buf.h"
#include "stream/load_summary.h"

#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

static void fill(struct load_summary *s)
{
	load_summary_init(s);
	s->start_t = 1766500000.123456;
	s->duration_s = 20;
	s->timeout_s = 5;
	s->pace_slack_ms = 1;
	s->seed = 7;
	s->slots = 3000;
	s->due = 1000;
	s->sent = 999;
	s->ok = 996;
	s->lost = 2;
	s->errors[ERROR_REFUSED] = 3;
	s->errors[ERROR_NOT_SENT] = 1;
	s->p99_pacing_ms = 0.21;
	s->p50_latency_ms = 12.5;
	s->peak_inflight = 9;
	s->ended = "signal";
	load_summary_add_node(s, "http://127.0.0.1:8001");
	load_summary_add_step(s, &(struct load_profile_step){0, 50, 50, 0});
	load_summary_add_step(s, &(struct load_profile_step){5, 50, 500, 10});
	load_summary_add_reason(s, "%d rows were lost", 2);
}

static void what_is_written_is_read(void **state)
{
	struct load_summary s, t;
	struct buf b = BUF_INIT;
	struct err e;
	(void)state;
	fill(&s);
	load_summary_write(&s, &b);
	assert_int_equal(b.data[b.len - 1], '\n');
	assert_int_equal(load_summary_parse(&t, b.data, b.len, "x", &e), 0);
	assert_true(fabs(t.start_t - s.start_t) < 1e-6);
	assert_int_equal(t.slots, 3000);
	assert_int_equal(t.due, 1000);
	assert_int_equal(t.sent, 999);
	assert_int_equal(t.ok, 996);
	assert_int_equal(t.lost, 2);
	assert_int_equal(t.errors[ERROR_REFUSED], 3);
	assert_int_equal(t.errors[ERROR_NOT_SENT], 1);
	assert_int_equal(t.seed, 7);
	assert_int_equal(t.peak_inflight, 9);
	assert_string_equal(t.ended, "signal");
	assert_false(t.sound);
	assert_string_equal(t.reasons[0], "2 rows were lost");
	assert_string_equal(t.nodes[0], "http://127.0.0.1:8001");
	assert_int_equal(t.profile_count, 2);
	assert_true(fabs(t.profile[1].to_rps - 500) < 1e-9);
	assert_true(fabs(t.p99_pacing_ms - 0.21) < 1e-9);
	assert_true(isnan(t.max_latency_ms)); /* null stays unknown */
	load_summary_release(&s);
	load_summary_release(&t);
	buf_release(&b);
}

static void what_is_none_is_refused(void **state)
{
	static const char *const bad[] = {"", "[]", "{}", "{\"schema\":\"chaos-load/2\"}",
					  "nonsense"};
	struct load_summary s;
	struct err e;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(load_summary_parse(&s, bad[i], strlen(bad[i]), "f.json", &e), -1);
		assert_int_equal(e.code, EXIT_USAGE);
		assert_contains(e.msg, "f.json");
		load_summary_release(&s);
	}
}

static void odd_values_do_no_harm(void **state)
{
	static const char text[] =
		"{\"schema\":\"chaos-load/1\",\"due\":-5,\"sent\":1e300,\"errors\":[],"
		"\"reasons\":[3],\"nodes\":{},\"ended\":\"else\",\"new_key\":1}";
	struct load_summary s;
	struct err e;
	(void)state;
	assert_int_equal(load_summary_parse(&s, text, sizeof text - 1, "x", &e), 0);
	assert_int_equal(s.due, 0);
	assert_int_equal(s.sent, 0);
	assert_string_equal(s.ended, "duration");
	load_summary_release(&s);
}

static void times_out_of_range_are_refused(void **state)
{
	static const char *const bad[] = {"\"start_t\":-1e300", "\"start_t\":7258118401",
					  "\"duration_s\":1e18", "\"duration_s\":-1",
					  "\"timeout_s\":1e300"};
	struct err e;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct load_summary s;
		char text[100];
		snprintf(text, sizeof text, "{\"schema\":\"chaos-load/1\",%s}", bad[i]);
		assert_int_equal(load_summary_parse(&s, text, strlen(text), "f.json", &e), -1);
		assert_int_equal(e.code, EXIT_USAGE);
		assert_contains(e.msg, "f.json");
		load_summary_release(&s);
	}
}

static void the_line_says_it_all(void **state)
{
	struct load_summary s;
	struct buf b = BUF_INIT;
	(void)state;
	fill(&s);
	load_summary_line(&s, &b);
	assert_string_equal(b.data, "due 1000, sent 999, ok 996, errors 4 (refused 3, not_sent 1), "
				    "rows lost 2, p50 12.5 ms, pacing p99 0.21 ms");
	load_summary_release(&s);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(odd_values_do_no_harm),
		cmocka_unit_test(times_out_of_range_are_refused),
		cmocka_unit_test(the_line_says_it_all),
	};
	return RUN_GROUP(tests);
}
