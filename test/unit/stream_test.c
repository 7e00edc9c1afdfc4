#include "stream/event.h"
#include "stream/json.h"
#include "csv/csv_write.h"

#include "random.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- samples -------------------------------------------------------------------- */

#define TEXT(s) {s, sizeof(s) - 1}

static void row_is(const struct sample *s, const char *want)
{
	char row[4096];
	size_t max = sample_row_max(s);
	char *end = sample_write(s, row);
	*end = '\0';
	assert_true((size_t)(end - row) <= max);
	assert_string_equal(row, want);
}

static const struct sample success = {
	.due_wall_ns = 1766500030001234000, .latency_ns = 12345678, .service_ns = 12000000,
	.slot = 42, .bytes = 17, .status_code = 200, .node = TEXT("http://localhost:8001"),
	.op = TEXT("POST%20/work"),
};

static void rows_to_the_byte(void **state)
{
	(void)state;
	assert_string_equal(sample_header, "timestamp,node,status_code,latency_ms,error,service_ms,"
					   "op,bytes,slot,detail\n");
	row_is(&success, "1766500030.001234,http://localhost:8001,200,12.346,,12.000,"
			 "POST%20/work,17,42,\n");
	struct sample refused = {.due_wall_ns = 1000000000, .latency_ns = 0, .service_ns = -1,
				 .error = ERROR_REFUSED, .node = TEXT("redis://h"), .op = TEXT("INCR"),
				 .detail = "Connection refused"};
	row_is(&refused, "1.000000,redis://h,,0.000,refused,,INCR,0,0,\"Connection refused\"\n");
	refused.slot = SAMPLE_NO_SLOT;
	refused.detail = "";
	row_is(&refused, "1.000000,redis://h,,0.000,refused,,INCR,0,,\n");
	refused.detail = NULL;
	row_is(&refused, "1.000000,redis://h,,0.000,refused,,INCR,0,,\n");
}

static void times_round_to_the_nearest(void **state)
{
	(void)state;
	static const struct {
		int64_t ns;
		const char *ms;
	} cases[] = {
		{0, "0.000"}, {499, "0.000"}, {500, "0.001"}, {999, "0.001"}, {1500, "0.002"},
		{999499, "0.999"}, {999500, "1.000"}, {3600000000000, "3600000.000"},
		{-499, "0.000"}, {-500, "-0.001"}, {-1234567, "-1.235"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sample s = {.latency_ns = cases[i].ns, .service_ns = -1, .node = TEXT(""), .op = TEXT("")};
		char want[128];
		snprintf(want, sizeof want, "0.000000,,,%s,,,,0,0,\n", cases[i].ms);
		row_is(&s, want);
	}
}

static void slots_in_any_order(void **state)
{
	(void)state;
	static const uint64_t slots[] = {0, 9, 10, 999, 1000, 1001, 1999, 2000, 1000, 999, 123456789, 123456001,
					 UINT64_MAX - 1, 1005, 18446744073709551000u, 42};
	for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
		struct sample s = {.slot = slots[i], .service_ns = -1, .node = TEXT("n"), .op = TEXT("o")};
		char want[128];
		snprintf(want, sizeof want, "0.000000,n,,0.000,,,o,0,%llu,\n", (unsigned long long)slots[i]);
		row_is(&s, want);
	}
}

static void details_are_quoted_and_cut(void **state)
{
	(void)state;
	struct sample s = {.service_ns = -1, .error = ERROR_LOCAL, .node = TEXT("n"), .op = TEXT("o")};
	s.detail = "say \"no\", twice\r\nor\tnot\x7f";
	row_is(&s, "0.000000,n,,0.000,local,,o,0,0,\"say \"\"no\"\", twice  or not \"\n");

	char text[1000], want[1100];
	memset(text, 'x', sizeof text);
	text[200] = '\0';
	s.detail = text; /* as long as may be */
	snprintf(want, sizeof want, "0.000000,n,,0.000,local,,o,0,0,\"%s\"\n", text);
	row_is(&s, want);
	text[200] = 'y';
	text[201] = '\0';
	row_is(&s, want); /* one more is cut */

	/* A character of several bytes that lies across the end is left out whole. */
	memset(text, 'x', 300);
	memcpy(text + 198, "\xe2\x82\xac", 3);
	text[300] = '\0';
	snprintf(want, sizeof want, "0.000000,n,,0.000,local,,o,0,0,\"%.198s\"\n", text);
	row_is(&s, want);
	memset(text, 'x', 300);
	memcpy(text + 197, "\xe2\x82\xac", 3);
	snprintf(want, sizeof want, "0.000000,n,,0.000,local,,o,0,0,\"%.200s\"\n", text);
	row_is(&s, want);

	memset(text, 0x80, 300); /* nothing but continuation bytes */
	row_is(&s, "0.000000,n,,0.000,local,,o,0,0,\"\"\n");
}

/* The bound that callers reserve holds for whatever values a row may carry. */
static void row_max_bounds_every_row(void **state)
{
	(void)state;
	static const int64_t extremes[] = {0, 1, -1, INT64_MAX, INT64_MIN, 999999, -999999};
	struct rng r;
	rng_init(&r, 3);
	for (int i = 0; i < 20000; i++) {
		char detail[512], node[64], op[32];
		for (size_t k = 0; k < sizeof detail - 1; k++)
			detail[k] = (char)(rng_below(&r, 3) ? rng_below(&r, 255) + 1 : '"');
		detail[rng_below(&r, sizeof detail)] = '\0';
		detail[sizeof detail - 1] = '\0';
		memset(node, 'n', sizeof node);
		node[rng_below(&r, sizeof node)] = '\0';
		memset(op, 'o', sizeof op);
		op[rng_below(&r, sizeof op)] = '\0';
		struct sample s = {
			.due_wall_ns = extremes[rng_below(&r, 7)],
			.latency_ns = extremes[rng_below(&r, 7)],
			.service_ns = extremes[rng_below(&r, 7)],
			.slot = rng_below(&r, 2) ? UINT64_MAX - 1 : rng_next(&r),
			.bytes = extremes[rng_below(&r, 7)],
			.status_code = (int)extremes[rng_below(&r, 3)],
			.error = (enum error_class)rng_below(&r, ERROR_COUNT),
			.node = csv_text_of(node), .op = csv_text_of(op), .detail = rng_below(&r, 4) ? detail : NULL,
		};
		size_t max = sample_row_max(&s);
		char *row = malloc(max); /* so that the sanitizer sees the first byte beyond */
		char *end = sample_write(&s, row);
		assert_true((size_t)(end - row) <= max);
		assert_int_equal(end[-1], '\n');
		assert_null(memchr(row, '\n', (size_t)(end - row) - 1));
		free(row);
	}
}

static void lost_rows_leave_a_marker(void **state)
{
	(void)state;
	char row[256];
	*sample_write_lost(17, 1766500030000000000, 1766500031500000000, 0, row) = '\0';
	assert_string_equal(row, "1766500030.000000,,,0.000,local,,output,0,,"
				 "\"count=17 from=1766500030.000000 to=1766500031.500000\"\n");
	char *worst = malloc(256);
	assert_true(sample_write_lost(UINT64_MAX, INT64_MIN, INT64_MIN, SAMPLE_WAIT_MS, worst) - worst < 256);
	free(worst);
}

static void error_names_round_trip(void **state)
{
	(void)state;
	for (int i = 0; i < ERROR_COUNT; i++) {
		const char *name = error_class_name((enum error_class)i);
		assert_int_equal(error_class_parse(name, strlen(name)), i);
	}
	assert_string_equal(error_class_name(ERROR_NONE), "");
	assert_int_equal(error_class_parse("refused", 6), ERROR_COUNT);
	assert_int_equal(error_class_parse("refusedx", 8), ERROR_COUNT);
	assert_int_equal(error_class_parse("Refused", 7), ERROR_COUNT);
	assert_int_equal(error_class_parse("HTTPConnectionPool(…)", 5), ERROR_COUNT);
}

/* --- JSON -------------------------------------------------------------------------- */

static char *text_of(struct json *j)
{
	struct buf b = BUF_INIT;
	json_write(j, false, &b);
	json_free(j);
	return buf_detach(&b);
}

static void json_is(struct json *j, const char *want)
{
	char *text = text_of(j);
	assert_string_equal(text, want);
	free(text);
}

static void json_escapes_what_a_terminal_obeys(void **state)
{
	struct json *j = json_object_new();
	struct buf b = BUF_INIT;
	struct err e;
	static const char text[] = "a\x1b\\\"\x7f\xc2\x9b\xe2\x80\xae\xd8\x9c\xc3\xa9";
	(void)state;
	json_set_str(j, text, text);
	json_write(j, false, &b);
	assert_string_equal(b.data, "{\"a\\u001B\\\\\\\"\\u007F\\u009B\\u202E\\u061C\xc3\xa9\":"
				    "\"a\\u001B\\\\\\\"\\u007F\\u009B\\u202E\\u061C\xc3\xa9\"}");
	struct json *back = json_parse(b.data, b.len, "x", &e);
	assert_string_equal(json_str(json_get(back, text), ""), text);
	json_free(back);
	json_free(j);
	buf_release(&b);
}

static void json_writes_what_was_set(void **state)
{
	(void)state;
	struct json *o = json_object_new(), *a = json_array_new(), *inner = json_object_new();
	json_set_str(o, "z", "first stays first");
	json_set_int(o, "a", INT64_MIN);
	json_set_bool(o, "yes", true);
	json_set_bool(o, "no", false);
	json_set_null(o, "nil");
	json_set_str(o, "none", NULL);
	json_set_num(o, "nan", NAN);
	json_set_num(o, "inf", -INFINITY);
	json_set_round(o, "third", 1.0 / 3, 3);
	json_set_round(o, "nan_round", NAN, 3);
	json_push_str(a, "x\n\"\\");
	json_push(a, inner);
	json_set(o, "list", a);
	json_is(o, "{\"z\":\"first stays first\",\"a\":-9223372036854775808,\"yes\":true,\"no\":false,"
		   "\"nil\":null,\"none\":null,\"nan\":null,\"inf\":null,\"third\":0.333,"
		   "\"nan_round\":null,\"list\":[\"x\\n\\\"\\\\\",{}]}");
	json_free(NULL);
}

static void json_lines_merge(void **state)
{
	static const char first[] = "{\"a\":1,\"b\":{\"c\":2}}", note[] = "{\"b\":3,\"d\":true}";
	struct err e;
	struct buf out = BUF_INIT;
	struct json *j = json_parse(first, strlen(first), "first", &e);
	(void)state;
	json_update(j, json_parse(note, strlen(note), "note", &e));
	json_update(j, json_array_new()); /* nothing */
	json_line(j, &out);
	assert_string_equal(out.data, "{\"a\":1,\"b\":3,\"d\":true}\n");
	buf_release(&out);
}

static void times_keep_their_microseconds(void **state)
{
	(void)state;
	static const double times[] = {1766500030.001234, 1766500030.999999, 1766500031, 4102444800.000001};
	static const char *const texts[] = {"1766500030.001234", "1766500030.999999", "1766500031.0",
					    "4102444800.000001"};
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		struct json *o = json_object_new();
		json_set_round(o, "t", times[i], 6);
		char want[64];
		snprintf(want, sizeof want, "{\"t\":%s}", texts[i]);
		char *text = text_of(o);
		assert_string_equal(text, want);
		struct err e;
		struct json *back = json_parse(text, strlen(text), "x", &e);
		assert_true(fabs(json_num(json_get(back, "t"), 0) - times[i]) < 1e-7);
		json_free(back);
		free(text);
	}
	struct json *o = json_object_new();
	json_set_round(o, "r", 0.1 + 0.2, 6); /* no 0.30000000000000004 */
	json_is(o, "{\"r\":0.3}");
}

static void bytes_that_are_no_utf8(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
		{"\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80"},
		{"a\xff" "b\xc3\xbc", "a?b\xc3\xbc"},
		{"cut \xe2\x82", "cut ??"},
		{"\xc0\x80", "??"},
		{"\xed\xa0\x80", "???"},
		{"\xf4\x90\x80\x80", "????"},
		{"\xf0\x80\x80\x80\x80", "?????"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct json *a = json_array_new();
		json_push_str(a, cases[i].in);
		char want[64];
		snprintf(want, sizeof want, "[\"%s\"]", cases[i].out);
		json_is(a, want);
	}
	struct rng r;
	rng_init(&r, 9);
	for (int i = 0; i < 5000; i++) { /* the parser agrees with us on every mix */
		char bytes[12];
		for (size_t k = 0; k < sizeof bytes - 1; k++)
			bytes[k] = (char)(rng_below(&r, 2) ? 0x80 + rng_below(&r, 128) : 'a');
		bytes[sizeof bytes - 1] = '\0';
		struct json *a = json_array_new();
		json_push_str(a, bytes);
		assert_non_null(json_str(json_at(a, 0), NULL));
		json_free(a);
	}
}

static void json_reads(void **state)
{
	(void)state;
	static const char text[] = "\xef\xbb\xbf{\"a\":{\"b\":{\"c\":1.5}},\"l\":[1,\"x\",null],\"t\":true,\"n\":null,"
				   "\"s\":\"str\"}";
	struct err e;
	struct json *j = json_parse(text, sizeof text - 1, "x", &e);
	assert_non_null(j);
	assert_true(fabs(json_num(json_get(j, "a.b.c"), NAN) - 1.5) < 1e-12);
	assert_true(isnan(json_num(json_get(j, "a.b.d"), NAN)));
	assert_true(isnan(json_num(json_get(j, "s.b"), NAN)));
	assert_null(json_get(NULL, "a"));
	assert_null(json_get(j, ""  "zz"));
	assert_int_equal(json_count(json_get(j, "l")), 3);
	assert_string_equal(json_str(json_at(json_get(j, "l"), 1), ""), "x");
	assert_null(json_at(json_get(j, "l"), 3));
	assert_null(json_at(NULL, 0));
	assert_true(json_is_null(json_at(json_get(j, "l"), 2)));
	assert_true(json_is_null(NULL));
	assert_true(json_bool(json_get(j, "t"), false));
	assert_true(json_bool(json_get(j, "zz"), true));
	assert_false(json_bool(json_get(j, "s"), false));
	assert_true(json_is_object(j) && !json_is_array(j) && !json_is_string(j) && !json_is_number(j));
	assert_true(json_is_number(json_at(json_get(j, "l"), 0)));
	assert_string_equal(json_str(json_get(j, "t"), "otherwise"), "otherwise");
	assert_int_equal(json_count(json_get(j, "s")), 0);

	void *iter = NULL;
	const char *key;
	const struct json *value;
	char keys[16] = "";
	while (json_next(j, &iter, &key, &value))
		strcat(keys, key);
	assert_string_equal(keys, "altns");
	iter = NULL;
	assert_false(json_next(json_get(j, "l"), &iter, &key, &value));
	assert_false(json_next(NULL, &iter, &key, &value));
	json_free(j);
}

static void bad_json_says_where(void **state)
{
	(void)state;
	struct err e;
	assert_null(json_parse("{\n \"a\": ]}", 10, "f.json", &e));
	assert_int_equal(e.code, EXIT_USAGE);
	assert_int_equal(strncmp(e.msg, "f.json:2:", 9), 0);
	static const char *const bad[] = {"", "{", "{\"a\":1", "nope", "{} {}", "\xff", "[1e999999]",
					  "{\"a\":123456789012345678901234567890}"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_null(json_parse(bad[i], strlen(bad[i]), "f", &e));
	assert_null(json_parse("{\0}", 3, "f", &e));
	assert_null(json_parse("", 0, "f.json", &e));
	assert_says(e.msg, "f.json:1:1:|empty");
	assert_null(json_parse("\xef\xbb\xbf \n", 5, "f.json", &e));
	assert_says(e.msg, "f.json:1:1:|empty");
	assert_null(json_parse_at(" \n", 2, "f.jsonl", 3, &e));
	assert_says(e.msg, "f.jsonl:3:1:|empty");
	struct buf deep = BUF_INIT;
	for (int i = 0; i < 100000; i++)
		buf_addch(&deep, '[');
	assert_null(json_parse(deep.data, deep.len, "f", &e)); /* no stack overflow */
	buf_release(&deep);
}

/* --- events -------------------------------------------------------------------------- */

static void events_are_one_write_a_line(void **state)
{
	(void)state;
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	struct event_sink sink = {.fd = fds[1], .anchor = {.offset_ns = 1766500030001234000}};
	struct json *j = event_new_at(&sink, EVENT_FAULT_INJECTED, 0);
	json_set_str(j, "fault", "f1");
	json_set_str(j, "node", "service-node-2\n");
	struct err e;
	assert_int_equal(event_send(&sink, j, &e), 0);
	char text[512];
	ssize_t n = read(fds[0], text, sizeof text - 1);
	text[n] = '\0';
	assert_string_equal(text, "{\"t\":1766500030.001234,\"event\":\"fault_injected\","
				  "\"fault\":\"f1\",\"node\":\"service-node-2\\n\"}\n");
	close(fds[0]);
	close(fds[1]);
}

static void events_that_cannot_be_written(void **state)
{
	(void)state;
	struct err e;
	struct event_sink none = {.fd = -1}, full = {.fd = open("/dev/full", O_WRONLY)};
	assert_int_equal(event_send(&none, event_new(&none, EVENT_WARNING), &e), 0);
	assert_int_equal(event_send(&full, event_new(&full, EVENT_WARNING), &e), -1);
	assert_int_equal(e.code, EXIT_RUNTIME);
	assert_int_equal(e.sys_errno, ENOSPC);
	assert_says(e.msg, "|event|No space left on device");
	close(full.fd);
}

static void parse_log(struct event_log *log, const char *text)
{
	event_log_parse(log, text, strlen(text));
}

static void a_log_is_sorted_and_bad_lines_counted(void **state)
{
	(void)state;
	struct event_log log;
	parse_log(&log, "{\"t\":10,\"event\":\"run_start\",\"format\":\"chaos-events/1\"}\n"
			"{\"t\":12.5,\"event\":\"fault_injected\",\"fault\":\"f1\",\"action\":\"kill\","
			"\"node\":\"n2\",\"url\":\"http://h\"}\n"
			"\n"
			"not json\n"
			"{\"t\":11,\"event\":\"from_the_future\",\"node\":5}\n"
			"{\"event\":\"no_time\"}\n"
			"{\"t\":13}\n"
			"{\"t\":\"13\",\"event\":\"x\"}\n"
			"[1]\n"
			"{\"t\":12.5,\"event\":\"node_down\"}\r\n"
			"{\"t\":14,\"event\":\"reverted\",\"fau");
	assert_int_equal(log.count, 4);
	assert_int_equal(log.bad_lines, 6);
	assert_int_equal(log.torn, 1);
	assert_int_equal(event_log_unread(&log), 5);
	assert_int_equal(log.first_bad, 4);
	assert_string_equal(log.bad_reason, "it is no JSON");
	static const enum event_kind kinds[] = {EVENT_RUN_START, EVENT_OTHER, EVENT_FAULT_INJECTED,
						EVENT_NODE_DOWN};
	for (size_t i = 0; i < log.count; i++)
		assert_int_equal(log.events[i].kind, kinds[i]);
	assert_null(log.events[1].node); /* not a string */
	const struct event *f = &log.events[2];
	assert_string_equal(f->fault, "f1");
	assert_string_equal(f->action, "kill");
	assert_string_equal(f->node, "n2");
	assert_string_equal(f->url, "http://h");
	assert_string_equal(json_str(json_get(log.events[0].json, "format"), ""), EVENT_FORMAT);
	event_log_release(&log);
	event_log_release(&log);
}

static void a_whole_last_line_without_newline_counts(void **state)
{
	(void)state;
	struct event_log log;
	parse_log(&log, "{\"t\":1,\"event\":\"run_end\"}");
	assert_int_equal(log.count, 1);
	assert_int_equal(log.bad_lines, 0);
	event_log_release(&log);
	parse_log(&log, "");
	assert_int_equal(log.count, 0);
	event_log_release(&log);
	event_log_parse(&log, "{\"t\":1,\0\"event\":\"run_end\"}\n", 27);
	assert_int_equal(log.count, 0);
	assert_int_equal(log.bad_lines, 1);
	event_log_release(&log);
}

/* As editors leave them: a byte order mark, and lines of blanks. */
static void what_is_nothing_is_no_bad_line(void **state)
{
	(void)state;
	struct event_log log;
	parse_log(&log, "\xef\xbb\xbf{\"t\":1,\"event\":\"run_start\"}\n \t \r\n  \n{\"t\":2,\"event\":\"run_end\"}\n\t");
	assert_int_equal(log.count, 2);
	assert_int_equal(log.bad_lines, 0);
	event_log_release(&log);
	parse_log(&log, "\xef\xbb\xbf");
	assert_int_equal(log.bad_lines, 0);
	event_log_release(&log);
	parse_log(&log, "\xef\xbb\xbf\n\xef\xbb\xbf\n"); /* only the first is one */
	assert_int_equal(log.bad_lines, 1);
	assert_int_equal(log.first_bad, 2);
	event_log_release(&log);
}

static void why_a_line_is_no_event(void **state)
{
	(void)state;
	static const struct {
		const char *text, *why; /* NULL: it is torn */
	} cases[] = {
		{"garbage", "it is no JSON"},
		{"{\"t\":nan,\"event\":\"x\"}\n", "it is no JSON"},
		{"[1]\n", "it is no JSON object"},
		{"{\"t\":\"x\",\"event\":\"x\"}", "its 't' is no UNIX time in seconds"},
		{"{\"t\":1e308,\"event\":\"x\"}\n", "its 't' is no UNIX time in seconds"},
		{"{\"t\":1}\n", "it has no 'event'"},
		{"{\"t\":1,\"event\":\"x", NULL},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct event_log log;
		parse_log(&log, cases[i].text);
		assert_int_equal(log.bad_lines, 1);
		assert_int_equal(event_log_much_unread(&log), cases[i].why != NULL);
		assert_int_equal(log.first_bad, cases[i].why != NULL);
		if (cases[i].why)
			assert_string_equal(log.bad_reason, cases[i].why);
		event_log_release(&log);
	}
}

/* Ties stay in the order of the file, and many lines are no trouble. */
static void order_of_many_lines(void **state)
{
	(void)state;
	struct buf b = BUF_INIT;
	struct rng r;
	rng_init(&r, 5);
	enum { LINES = 5000 };
	for (int i = 0; i < LINES; i++)
		buf_addf(&b, "{\"t\":%d,\"event\":\"load_rate\",\"i\":%d}\n",
			 (int)rng_below(&r, 50), i);
	struct event_log log;
	event_log_parse(&log, b.data, b.len);
	assert_int_equal(log.count, LINES);
	for (size_t i = 1; i < log.count; i++) {
		const struct event *a = &log.events[i - 1], *c = &log.events[i];
		assert_true(a->t < c->t || (a->t <= c->t && a->line < c->line));
		assert_true(fabs(json_num(json_get(c->json, "i"), -1) - (double)c->line) < 0.5);
	}
	event_log_release(&log);
	buf_release(&b);
}

static void event_names_round_trip(void **state)
{
	(void)state;
	for (int i = 0; i < EVENT_COUNT; i++) {
		char line[128];
		const struct event_sink sink = {.fd = -1};
		struct json *j = event_new(&sink, (enum event_kind)i);
		snprintf(line, sizeof line, "{\"t\":1,\"event\":\"%s\"}\n", json_str(json_get(j, "event"), ""));
		json_free(j);
		struct event_log log;
		parse_log(&log, line);
		assert_int_equal(log.count, 1);
		assert_int_equal(log.events[0].kind, i);
		event_log_release(&log);
	}
}

static void integers_saturate(void **state)
{
	static const struct {
		const char *text;
		int64_t number;
		pid_t pid;
	} cases[] = {{"1e300", INT64_MAX, 0}, {"-1e300", INT64_MIN, 0}, {"-1", -1, 0},
		     {"3000000000", 3000000000, 0}, {"12.9", 12, 12}, {"\"x\"", 7, 0}};
	struct err e;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[40];
		snprintf(text, sizeof text, "{\"a\":%s}", cases[i].text);
		struct json *j = json_parse(text, strlen(text), "test", &e);
		assert_int_equal(json_int(json_get(j, "a"), 7), cases[i].number);
		assert_int_equal(json_pid(json_get(j, "a")), cases[i].pid);
		json_free(j);
	}
}

static void texts_fit_their_fields(void **state)
{
	(void)state;
	char four[5] = "old", none[4] = "old", deep[4] = "old", last[4] = "old";
	const struct json_field fields[] = {
		{"four", four, sizeof four},
		{"none", none, sizeof none},
		{"in.deep", deep, sizeof deep},
		{"last", last, sizeof last},
	};
	struct err e = {0};
	static const char text[] = "{\"four\":\"abcd\",\"in\":{\"deep\":\"abcd\"},\"last\":\"abc\"}";
	struct json *j = json_parse(text, strlen(text), "test", &e);
	assert_int_equal(json_fields(j, fields, ARRAY_LEN(fields), &e), -1);
	assert_int_equal(e.code, EXIT_USAGE);
	assert_non_null(strstr(e.msg, "in.deep"));
	assert_string_equal(four, "abcd");
	assert_string_equal(none, "");
	assert_string_equal(deep, "");
	assert_string_equal(last, "abc");
	assert_int_equal(json_fields(j, fields, 2, &e), 0);
	json_free(j);
}

int main(void)
{
	static const struct CMUnitTest stream[] = {
		cmocka_unit_test(rows_to_the_byte),
		cmocka_unit_test(times_round_to_the_nearest),
		cmocka_unit_test(slots_in_any_order),
		cmocka_unit_test(details_are_quoted_and_cut),
		cmocka_unit_test(row_max_bounds_every_row),
		cmocka_unit_test(lost_rows_leave_a_marker),
		cmocka_unit_test(error_names_round_trip),
		cmocka_unit_test(json_escapes_what_a_terminal_obeys),
		cmocka_unit_test(json_writes_what_was_set),
		cmocka_unit_test(json_lines_merge),
		cmocka_unit_test(times_keep_their_microseconds),
		cmocka_unit_test(bytes_that_are_no_utf8),
		cmocka_unit_test(json_reads),
		cmocka_unit_test(bad_json_says_where),
		cmocka_unit_test(events_are_one_write_a_line),
		cmocka_unit_test(events_that_cannot_be_written),
		cmocka_unit_test(a_log_is_sorted_and_bad_lines_counted),
		cmocka_unit_test(what_is_nothing_is_no_bad_line),
		cmocka_unit_test(why_a_line_is_no_event),
		cmocka_unit_test(a_whole_last_line_without_newline_counts),
		cmocka_unit_test(order_of_many_lines),
		cmocka_unit_test(event_names_round_trip),
		cmocka_unit_test(integers_saturate),
		cmocka_unit_test(texts_fit_their_fields),
	};
	return RUN_GROUP(stream);
}
