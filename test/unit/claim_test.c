/* What a model's text may say: good answers pass, and 500 bad ones of each way do not. */
#include "unit.h"

#include "base/rng.h"
#include "llm/check.h"
#include "llm/lexicon.h"
#include "llm/strip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct claims seen, shown;
};

static void number(struct claims *c, double value, enum claim_unit unit, enum claim_role role)
{
	claim_add_number(&c->all[c->count - 1], value, unit, role);
}

static struct claim *say(struct claims *c, const char *id, enum claim_topic topic, const char *node,
			 const char *text)
{
	struct claim *one = claims_add(c, text, "%s", id);
	one->topic = topic;
	one->node = node ? mem_strdup(node) : NULL;
	return one;
}

static void change(struct claims *c, const char *id, enum claim_topic topic, const char *text,
		   int direction, double before, double after, enum claim_unit unit)
{
	struct claim *one = say(c, id, topic, NULL, text);
	one->has_direction = true;
	one->direction = direction;
	number(c, before, unit, ROLE_BEFORE);
	number(c, after, unit, ROLE_VALUE);
	if (unit == UNIT_SHARE) {
		number(c, after - before, UNIT_POINTS, ROLE_CHANGE);
	} else if (direction) {
		number(c, after > before ? after / before - 1 : 1 - after / before, UNIT_SHARE,
		       ROLE_CHANGE);
		number(c, after / before, UNIT_FACTOR, ROLE_CHANGE);
	}
}

static void fill(struct claims *c, const char *const *n)
{
	char t[200];
	change(c, "throughput_change", TOPIC_THROUGHPUT,
	       "throughput fell from 50.0/s to 43.1/s (−14 %)", -1, 50, 43.1, UNIT_RATE);
	change(c, "p99_change", TOPIC_P99, "p99 latency rose from 148 ms to 301 ms (×2.0)", 1, .1478,
	       .3012, UNIT_S);
	change(c, "p50_change", TOPIC_P50, "p50 latency stayed at 79.2 ms", 0, .07917, .07917, UNIT_S);
	change(c, "error_rate_change", TOPIC_ERROR_RATE,
	       "the error rate rose from 0 % to 13.8 % (+13.8 points)", 1, 0, .138, UNIT_SHARE);
	say(c, "failed", TOPIC_FAILED, NULL, "138 of 1000 requests failed");
	number(c, 138, UNIT_COUNT, ROLE_VALUE);
	number(c, 1000, UNIT_COUNT, ROLE_WHOLE);
	say(c, "errors_refused", TOPIC_FAILED, NULL,
	    "131 requests failed with the error class 'refused'")->word = "refused";
	number(c, 131, UNIT_COUNT, ROLE_VALUE);
	say(c, "anomaly_1", TOPIC_ANOMALY, NULL, "an anomaly lasted from 10 s to 18 s of the run");
	number(c, 10, UNIT_S, ROLE_BEFORE);
	number(c, 18, UNIT_S, ROLE_END);
	snprintf(t, sizeof t, "%s was killed at 10.0 s", n[1]);
	say(c, "fault_1", TOPIC_FAULT, n[1], t)->action = "killed";
	number(c, 10.012, UNIT_S, ROLE_VALUE);
	snprintf(t, sizeof t, "after %s was killed, the system was healthy again 8.1 s later", n[1]);
	say(c, "fault_1_recovery", TOPIC_RECOVERY, n[1], t);
	number(c, 8.088, UNIT_S, ROLE_VALUE);
	for (int i = 0; i < 2; i++) {
		char id[32];
		snprintf(id, sizeof id, "node_%d", i + 1);
		snprintf(t, sizeof t, "%s (%s)", n[i],
			 i ? "the node with the fault" : "a node without a fault");
		say(c, id, TOPIC_NONE, n[i], t)->names_node = true;
		snprintf(id, sizeof id, "node_%d_failed", i + 1);
		snprintf(t, sizeof t, "%d of 417 requests failed on %s", i ? 138 : 0, n[i]);
		say(c, id, TOPIC_FAILED, n[i], t);
		number(c, i ? 138 : 0, UNIT_COUNT, ROLE_VALUE);
		number(c, 417, UNIT_COUNT, ROLE_WHOLE);
		claims_add_name(c, n[i], i == 1);
	}
}

static int set_up(void **state)
{
	static const char *const aliases[] = {"node-A", "node-B"};
	static const char *const names[] = {"service-node-1", "service-node-2"};
	struct fixture *f = mem_alloc(sizeof *f);
	fill(&f->seen, aliases);
	fill(&f->shown, names);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	claims_release(&f->seen);
	claims_release(&f->shown);
	free(f);
	return 0;
}

typedef int check_fn(const struct claims *seen, const struct claims *shown, const char *text,
		     struct buf *out, size_t *count, char why[static CLAIM_WHY_MAX]);

static void passes(const struct fixture *f, check_fn *check, const char *text, const char *want)
{
	struct buf out = BUF_INIT;
	size_t count = 0;
	char why[CLAIM_WHY_MAX] = "";
	if (check(&f->seen, &f->shown, text, &out, &count, why))
		fail_msg("'%s' was refused: %s", text, why);
	if (want)
		assert_string_equal(out.data, want);
	buf_release(&out);
}

static void fails(const struct fixture *f, check_fn *check, const char *text)
{
	struct buf out = BUF_INIT;
	size_t count = 0;
	char why[CLAIM_WHY_MAX] = "";
	if (!check(&f->seen, &f->shown, text, &out, &count, why))
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
	passes(f, claim_fill, "In short: {{fault_1}}, and {{ p99_change }}.",
	       "In short: service-node-2 was killed at 10.0 s, and p99 latency rose from 148 ms to "
	       "301 ms (×2.0).");
	passes(f, claim_fill, "- **Impact**: {{failed}}.\n- Look at {{node_2}} first.",
	       "- **Impact**: 138 of 1000 requests failed.\n- Look at service-node-2 (the node with the "
	       "fault) first.");
	passes(f, claim_fill, "- {{error_rate_change}}. {{fault_1_recovery}}; {{anomaly_1}}",
	       "- The error rate rose from 0 % to 13.8 % (+13.8 points). After service-node-2 was killed, "
	       "the system was healthy again 8.1 s later; an anomaly lasted from 10 s to 18 s of the run");
	passes(f, claim_fill, "{{fault_1}}. {{p50_change}}",
	       "service-node-2 was killed at 10.0 s. p50 latency stayed at 79.2 ms");
	passes(f, claim_fill, "Conjecture: clients did not try again elsewhere.", NULL);
	passes(f, claim_fill, "## What happened — and what it may mean for café “users”…", NULL);
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
		fails(*state, claim_fill, bad_fills[i]);
}

/* --- free text ---------------------------------------------------------------------- */

static const char *const good[] = {
	"Throughput fell from 50.0/s to 43.1/s (−14 %).",
	"Throughput dropped by 14 % to 43.1/s.",
	"The p99 latency rose from 148 ms to 301 ms (×2.0).",
	"p99 latency rose to 0.30 s, while p50 latency stayed at 79.2 ms.",
	"The error rate rose from 0 % to 13.8 % (+13.8 points).",
	"In the run, 138 of 1000 requests failed.",
	"131 requests failed with the error class 'refused'.",
	"An anomaly lasted from 10 s to 18 s of the run.",
	"node-B was killed at 10.0 s.",
	"After node-B was killed, the system was healthy again 8.1 s later.",
	"On node-B, 138 of 417 requests failed.",
	"0 of 417 requests failed on node-A.",
	"The error rate worsened, and throughput fell.",
	"Conjecture: clients kept sending to a node that could answer nobody.",
};

static void good_text_passes(void **state)
{
	const struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		passes(f, claim_check, good[i], NULL);
	passes(f, claim_check, "**node-B** was killed at 10 s.", "**service-node-2** was killed at 10 s.");
	/* 500 paragraphs of good sentences in any order */
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct rng r;
		struct buf text = BUF_INIT;
		rng_init(&r, seed);
		for (uint64_t i = 0, n = 1 + rng_below(&r, 5); i < n; i++)
			buf_addf(&text, "%s%s", i ? rng_below(&r, 2) ? " " : "\n- " : "",
				 good[rng_below(&r, ARRAY_LEN(good))]);
		passes(f, claim_check, text.data, NULL);
		buf_release(&text);
	}
}

static const char *const bad[] = {
	"p99 latency fell from 148 ms to 301 ms.",
	"p99 latency rose from 301 ms to 148 ms.",
	"p95 latency rose from 148 ms to 301 ms.",
	"p50 latency rose from 148 ms to 301 ms.",
	"p99 latency rose from 148 s to 301 s.",
	"p99 latency rose (×3.0).",
	"p99 latency rose by 14 %.",
	"p99 latency was 300 ms.",
	"p99 latency was 301.",
	"p99 latency did not rise.",
	"p99 latency doubled.",
	"p50 latency rose.",
	"p50 latency improved.",
	"The error rate rose by 13.8 %.",
	"The error rate fell (−13.8 points).",
	"The error rate improved.",
	"Throughput rose by 14 %.",
	"Throughput was 43.1 ms.",
	"1000 of 138 requests failed.",
	"138 nodes failed.",
	"138 of 417 requests failed.",
	"138 of 417 requests failed on node-A.",
	"On node-A, 138 of 1000 requests failed.",
	"139 requests failed.",
	"131 requests failed with the error class 'timeout'.",
	"138 requests failed with the error class 'refused'.",
	"node-A was killed at 10.0 s.",
	"node-A was killed.",
	"node-A crashed.",
	"node-A failed.",
	"node-B was restarted.",
	"node-B was killed at 18.0 s.",
	"After node-A was killed, the system was healthy again 8.1 s later.",
	"The system was healthy again 8.1 s later on node-A.",
	"The system was healthy again 8.1 ms later.",
	"An anomaly lasted from 18 s to 10 s.",
	"Two nodes were hit.",
	"Half of the requests failed.",
	"Some thirteen percent failed.",
	"There were 3 of them.",
	"It took 8.1 s.",
	"The fault on node-A was undone.",
	"node-A recovered.",
	"No anomaly followed the fault on node-B.",
	"An anomaly lasted 18 s.",
	"An anomaly lasted for 10 s.",
	"node-B was killed for 10.0 s.",
	"The system was healthy again at 8.1 s.",
	"In the run, over 138 requests failed.",
	"All requests failed.",
	"Nearly every request failed.",
	"In the baseline, 138 of 1000 requests failed.",
	"It was node-B, not node-A, that was killed at 10.0 s.",
	"p99 latency rose from 148 ms to 301 ms on node-A.",
	"138 of 1000 requests succeeded.",
	"Phase II had errors.",
	"138 successes were lost.",
	"The run saw ½ of it.",
	"{{fault_1}}",
	"138 of 1,000,000 requests failed.",
	"p99 latency was 3 01 ms.",
	"p99 latency rose from ١٤٨ ms.",
};

static void bad_text_does_not(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		fails(*state, claim_check, bad[i]);
}

/* --- 500 answers, each with one thing wrong ------------------------------------------- */

static void replace(struct buf *b, const char *from, const char *to)
{
	struct buf out = BUF_INIT;
	const char *at = strstr(b->data, from);
	buf_add(&out, b->data, (size_t)(at - b->data));
	buf_addf(&out, "%s%s", to, at + strlen(from));
	buf_release(b);
	*b = out;
}

/* The start of the n-th number of a sentence that is no part of a name; NULL if there are fewer. */
static char *nth_number(char *text, size_t n)
{
	for (char *p = text; *p; p++) {
		bool digit = *p >= '0' && *p <= '9';
		bool inside = p > text && (p[-1] == '.' || (p[-1] >= '0' && p[-1] <= '9') || p[-1] == 'p');
		if (digit && !inside && n-- == 0)
			return p;
	}
	return NULL;
}

static bool wrong_number(struct buf *b, struct rng *r)
{
	char *p = nth_number(b->data, rng_below(r, 3));
	if (!p)
		return false;
	p += strspn(p, "0123456789.") - 1;
	while (*p == '.')
		p--;
	*p = (char)('0' + (*p - '0' + 1 + (char)rng_below(r, 8)) % 10);
	return true;
}

static bool swapped(struct buf *b, struct rng *r, const char *const (*pairs)[2], size_t count)
{
	size_t start = rng_below(r, count);
	for (size_t i = 0; i < count; i++) {
		const char *const *pair = pairs[(start + i) % count];
		if (strstr(b->data, pair[0])) {
			replace(b, pair[0], pair[1]);
			return true;
		}
	}
	return false;
}

static const char *const wrong_units[][2] = {
	{" ms", " s"}, {" ms", " %"}, {"0 s", "0 ms"}, {"1 s", "1 %"}, {"/s", " ms"}, {"/s", " %"},
	{"/s", ""},    {" %", " ms"}, {" %", "/s"},    {" points", " %"}, {" ms", ""}, {" requests", " s"},
	{" %", " points"}, {"0 s", "0"}, {"1 s", "1"},
};
static const char *const wrong_nodes[][2] = {{"node-A", "node-B"}, {"node-B", "node-A"}};
static const char *const wrong_ways[][2] = {
	{"fell", "rose"},      {"rose", "fell"},       {"dropped", "climbed"}, {"stayed at", "rose to"},
	{"−14", "+14"},	       {"+13.8", "−13.8"},     {"worsened", "improved"}, {"rose", "stayed"},
	{"fell", "stayed"},    {"killed", "restarted"}, {"p99", "p95"},	      {"p50", "p99"},
	{"Throughput", "p99"}, {"refused", "timeout"},
};
static const char *const in_words[][2] = {
	{"14 %", "fourteen percent"}, {"13.8 %", "a seventh"},	   {"138 of", "almost half of"},
	{"10 s", "ten seconds"},      {"8.1 s", "eight seconds"}, {"×2.0", "twice"},
	{"0 %", "zero percent"},      {"131 ", "one hundred "},   {"10.0 s", "a minute"},
	{"148 ms", "一百 ms"},	      {"50.0/s", "fifty per second"}, {"79.2 ms", "dozens of ms"},
	{"301 ms", "３０１ ms"},      {"0.30 s", "a third"},	   {"0 of", "none of"},
};

/* The sentence with one thing wrong; false if it has nothing of that kind in it. */
static bool spoil(struct buf *b, struct rng *r, uint64_t kind)
{
	switch (kind) {
	case 0:
		return wrong_number(b, r);
	case 1:
		return swapped(b, r, wrong_units, ARRAY_LEN(wrong_units));
	case 2:
		return swapped(b, r, wrong_nodes, ARRAY_LEN(wrong_nodes));
	case 3:
		return swapped(b, r, wrong_ways, ARRAY_LEN(wrong_ways));
	default:
		return swapped(b, r, in_words, ARRAY_LEN(in_words));
	}
}

static void five_hundred_bad_answers_do_not(void **state)
{
	const struct fixture *f = *state;
	size_t made[5] = {0}, total = 0;
	for (uint64_t seed = 0; total < 500; seed++) {
		struct rng r;
		struct buf text = BUF_INIT, one = BUF_INIT;
		rng_init(&r, seed);
		uint64_t before = rng_below(&r, 3), after = rng_below(&r, 3), kind = seed % 5;
		buf_addstr(&one, good[rng_below(&r, ARRAY_LEN(good))]);
		if (spoil(&one, &r, kind)) {
			for (uint64_t i = 0; i < before; i++)
				buf_addf(&text, "%s ", good[rng_below(&r, ARRAY_LEN(good))]);
			buf_add(&text, one.data, one.len);
			for (uint64_t i = 0; i < after; i++)
				buf_addf(&text, " %s", good[rng_below(&r, ARRAY_LEN(good))]);
			fails(f, claim_check, text.data);
			fails(f, claim_fill, text.data);
			made[kind]++;
			total++;
		}
		buf_release(&text);
		buf_release(&one);
	}
	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		assert_true(made[i] >= 40);
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
		size_t filled = 0, checked = 0;
		char why[CLAIM_WHY_MAX];
		rng_init(&r, seed);
		for (uint64_t i = 0, n = rng_below(&r, 30); i < n; i++)
			buf_addstr(&text, parts[rng_below(&r, ARRAY_LEN(parts))]);
		claim_strip(text.data, &plain);
		assert_null(strpbrk(plain.data, "<>[]`\\"));
		assert_null(strstr(plain.data, "http://"));
		if (!claim_fill(&f->seen, &f->shown, plain.data, &out, &filled, why) && !filled)
			assert_null(strpbrk(out.data, "0123456789%"));
		(void)claim_check(&f->seen, &f->shown, plain.data, &out, &checked, why);
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
		claim_strip(cases[i][0], &out);
		assert_string_equal(out.data, cases[i][1]);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(placeholders_are_filled_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(placeholders_leave_no_room_for_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(good_text_passes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_text_does_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(five_hundred_bad_answers_do_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(noise_is_harmless, set_up, tear_down),
		cmocka_unit_test(what_could_do_more_than_be_read_is_stripped),
	};
	return RUN_GROUP(tests);
}
