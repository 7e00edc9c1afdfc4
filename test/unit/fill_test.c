/* What a model's text may say between its placeholders, and what is stripped from it. */
#include "random.h"
#include "unit.h"

#include "llm/fill.h"
#include "llm/strip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct statements sent, shown;
};

static void add(struct statements *s, const char *id, const char *text)
{
	statements_add(s, mem_strdup(id), "%s", text);
}

static void fill(struct statements *s, const char *const *n)
{
	add(s, "p99_change", "p99 latency rose from 148 ms to 301 ms (×2.0)");
	add(s, "p50_change", "p50 latency stayed at 79.2 ms");
	add(s, "error_rate_change", "the error rate rose from 0 % to 13.8 % (+13.8 points)");
	add(s, "failed", "138 of 1000 requests failed");
	add(s, "anomaly_1", "an anomaly lasted from 10 s to 18 s of the run");
	statements_add(s, mem_strdup("fault_1"), "%s was killed at 10.0 s", n[1]);
	statements_add(s, mem_strdup("fault_1_recovery"),
		       "after %s was killed, the system was healthy again 8.1 s later", n[1]);
	for (int i = 0; i < 2; i++) {
		statements_add(s, mem_printf("node_%d", i + 1), "%s (%s)", n[i],
			       i ? "the node with the fault" : "a node without a fault")
			->names_node = true;
		statements_add_name(s, mem_strdup(n[i]));
	}
}

static int set_up(void **state)
{
	static const char *const aliases[] = {"node-A", "node-B"};
	static const char *const names[] = {"service-node-1", "service-node-2"};
	struct fixture *f = mem_alloc(sizeof *f);
	fill(&f->sent, aliases);
	fill(&f->shown, names);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	statements_release(&f->sent);
	statements_release(&f->shown);
	free(f);
	return 0;
}

static void passes(const struct fixture *f, const char *text, const char *want)
{
	struct buf out = BUF_INIT;
	size_t count = 0;
	char why[FILL_WHY_MAX] = "";
	if (fill_placeholders(&f->sent, &f->shown, text, &out, &count, why))
		fail_msg("'%s' was refused: %s", text, why);
	if (want)
		assert_string_equal(out.data, want);
	buf_release(&out);
}

static void fails(const struct fixture *f, const char *text)
{
	struct buf out = BUF_INIT;
	size_t count = 0;
	char why[FILL_WHY_MAX] = "";
	if (!fill_placeholders(&f->sent, &f->shown, text, &out, &count, why))
		fail_msg("'%s' was accepted", text);
	assert_true(*why);
	assert_int_equal(out.len, 0);
	assert_int_equal(count, 0);
	buf_release(&out);
}

/* --- placeholders ----------------------------------------------------------------- */

static void placeholders_are_filled_in(void **state)
{
	const struct fixture *f = *state;
	passes(f, "In short: {{fault_1}}, and {{ p99_change }}.",
	       "In short: service-node-2 was killed at 10.0 s, and p99 latency rose from 148 ms to "
	       "301 ms (×2.0).");
	passes(f, "- **Impact**: {{failed}}.\n- Look at {{node_2}} first.",
	       "- **Impact**: 138 of 1000 requests failed.\n- Look at service-node-2 (the node with the "
	       "fault) first.");
	passes(f, "- {{error_rate_change}}. {{fault_1_recovery}}; {{anomaly_1}}",
	       "- The error rate rose from 0 % to 13.8 % (+13.8 points). After service-node-2 was killed, "
	       "the system was healthy again 8.1 s later; an anomaly lasted from 10 s to 18 s of the run");
	passes(f, "{{fault_1}}. {{p50_change}}",
	       "service-node-2 was killed at 10.0 s. p50 latency stayed at 79.2 ms");
	passes(f, "Conjecture: clients did not try again elsewhere.", NULL);
	passes(f, "## What happened — and what it may mean for café “users”…", NULL);
}

static const char *const bad_fills[] = {
	"p99 rose",
	"{{p99_chang}} is bad",
	"{{}}",
	"{{p99_change}",
	"{p99_change}}",
	"{{p99_change}} and so on: 7",
	"all {{failed}} and thr**ee** others",
	"three nodes",
	"Forty-two requests",
	"twenty-one",
	"half of it",
	"twice",
	"a tenfold load",
	"a dozen errors",
	"ten percent",
	"１０ requests",
	"٣ requests",
	"三",
	"x² errors",
	"½ of it",
	"Ⅳ errors",
	"5",
	"ninety",
	"a few seconds",
	"it got worse",
	"higher than before",
	"latency was stable",
	"an increase",
	"errors ↑",
	"node-A was hit",
	"Node A",
	"NODE_B went",
	"service-node-2 went",
	"Service Node 2",
	"it was killed",
	"{{node_1}} crashed",
	"{{node_1}} is the culprit",
	"{{node_1}}\nfailed",
	"It is not true that {{p99_change}}",
	"{{fault_1}} never happened",
	"no: {{failed}}",
	"zwei Fehler",
	"All of the requests failed.",
	"Most users saw it.",
	"No request came through.",
	"Phase III began.",
	"\xD1\x82\xD1\x80\xD0\xB8", /* Cyrillic */
	"th\xE2\x80\x8Bree",	     /* a blank without width */
	"\xFF",
};

static void placeholders_leave_no_room_for_more(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_fills); i++)
		fails(*state, bad_fills[i]);
}

static void one_bad_part_among_good_ones_is_found(void **state)
{
	static const char *const good[] = {
		"In short: {{fault_1}}.", "{{failed}}, and {{ p99_change }}.",
		"Conjecture: clients kept sending to a node that could answer nobody.",
		"- {{error_rate_change}}", "## What happened",
	};
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct rng r;
		struct buf text = BUF_INIT;
		rng_init(&r, seed);
		uint64_t before = rng_below(&r, 3), after = rng_below(&r, 3);
		for (uint64_t i = 0; i < before; i++)
			buf_addf(&text, "%s\n", good[rng_below(&r, ARRAY_LEN(good))]);
		size_t at = text.len;
		for (uint64_t i = 0; i < after; i++)
			buf_addf(&text, "\n%s", good[rng_below(&r, ARRAY_LEN(good))]);
		passes(*state, text.data, NULL);
		char *whole = mem_printf("%.*s%s%s", (int)at, text.data,
					 bad_fills[seed % ARRAY_LEN(bad_fills)], text.data + at);
		fails(*state, whole);
		free(whole);
		buf_release(&text);
	}
}

/* --- anything at all: no crash, and never a digit that was not put in --------------------- */

static void noise_is_harmless(void **state)
{
	static const char *const parts[] = {
		"{{", "}}", "{{fault_1}}", "{{p99_change", " ", "\n", "node-", "node-A", "A", "_", "*", "1",
		"8.1 s", "from", "to", "%", "×", "x", "+", "−", ".", ",", "\xC3", "\xE2\x80", "\xFF",
		"p99", "at worst", "not recover", "is", "[", "](", "<", ">", "!", "&", "http://", "`", "(", ")",
	};
	const struct fixture *f = *state;
	for (uint64_t seed = 0; seed < 4000; seed++) {
		struct rng r;
		struct buf text = BUF_INIT, plain = BUF_INIT, out = BUF_INIT;
		size_t filled = 0;
		char why[FILL_WHY_MAX];
		rng_init(&r, seed);
		for (uint64_t i = 0, n = rng_below(&r, 30); i < n; i++)
			buf_addstr(&text, parts[rng_below(&r, ARRAY_LEN(parts))]);
		strip_markup(text.data, &plain);
		assert_null(strpbrk(plain.data, "<>[]`\\"));
		assert_null(strstr(plain.data, "http://"));
		if (!fill_placeholders(&f->sent, &f->shown, plain.data, &out, &filled, why) && !filled)
			assert_null(strpbrk(out.data, "0123456789%"));
		buf_release(&text);
		buf_release(&plain);
		buf_release(&out);
	}
}

/* --- links, images, HTML ---------------------------------------------------------------- */

static void what_could_do_more_than_be_read_is_stripped(void **state)
{
	static const char *const cases[][2] = {
		{"see [the docs](http://evil.example/a?b) now", "see the docs now"},
		{"![x](http://evil.example/p.png)", ""},
		{"![x][ref] and [y][ref]", " and y"},
		{"a <b>bold</b> <script>x()</script> <!-- c --> word", "a bold x()  word"},
		{"<http://evil.example> www.evil.example https://evil.example/x, y", "   y"},
		{"<<b>script>alert", "scriptalert"},
		{"[a](javascript:alert(1))", "a"},
		{"`code` and \\[x\\]", "code and x"},
		{"1. first\n2) next", "- first\n- next"},
		{"&lt;b&gt; a & b", "& lt;b& gt; a & b"},
		{"a [b](c(d)e) f", "a b f"},
		{"{{p99_change}} stays", "{{p99_change}} stays"},
		{"a\x1b[31m\x07 b", "a31m b"},
		{"[x]: http://evil.example", "x: "},
		{"[a][b](http://x) [![i](http://y)](http://z)", "a() "},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT;
		strip_markup(cases[i][0], &out);
		assert_string_equal(out.data, cases[i][1]);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(placeholders_are_filled_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(placeholders_leave_no_room_for_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_bad_part_among_good_ones_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(noise_is_harmless, set_up, tear_down),
		cmocka_unit_test(what_could_do_more_than_be_read_is_stripped),
	};
	return RUN_GROUP(tests);
}
