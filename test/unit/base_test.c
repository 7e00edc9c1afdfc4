#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/field.h"
#include "base/num.h"
#include "base/ring.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/units.h"

#include "random.h"
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- err ------------------------------------------------------------------ */

static void err_carries_code_and_errno(void **state)
{
	(void)state;
	struct err e;
	assert_int_equal(err_usage(&e, "bad %d", 7), -1);
	assert_int_equal(e.code, EXIT_USAGE);
	assert_int_equal(e.sys_errno, 0);
	assert_string_equal(e.msg, "bad 7");
	assert_int_equal(err_runtime(&e, "gone"), -1);
	assert_int_equal(e.code, EXIT_RUNTIME);
	assert_int_equal(err_sys(&e, ENOENT, "cannot open '%s'", "x"), -1);
	assert_int_equal(e.sys_errno, ENOENT);
	assert_int_equal(e.code, EXIT_RUNTIME);
	assert_string_equal(e.msg, "cannot open 'x': No such file or directory");
	assert_int_equal(err_prefix(&e, "node '%s'", "n1"), -1);
	assert_string_equal(e.msg, "node 'n1': cannot open 'x': No such file or directory");
	assert_int_equal(e.sys_errno, ENOENT);
}

static void err_has_keys_until_its_next_message(void **state)
{
	(void)state;
	struct err e;
	err_usage(&e, "none is left");
	assert_int_equal(err_allow(&e, "all-down"), -1);
	assert_string_equal(e.msg, "none is left; 'all-down' allows that");
	assert_string_equal(e.allow, "all-down");
	err_prefix(&e, "kill");
	assert_string_equal(e.msg, "kill: none is left; 'all-down' allows that");
	assert_int_equal(e.why_len, strlen("kill: none is left"));
	err_usage(&e, "no 'kil'");
	assert_null(e.allow);
	err_unknown(&e, "command", "kill");
	assert_string_equal(e.unknown, "command");
	assert_string_equal(e.near, "kill");
	err_usage(&e, "none is left");
	assert_null(e.unknown);
	assert_string_equal(e.near, "");
	err_allow(&e, "--all-down");
	assert_string_equal(e.msg, "none is left; --all-down allows that");
}

static void err_is_one_line(void **state)
{
	(void)state;
	struct err e;
	err_usage(&e, "'%s'", "a\nb\tc\r\x1b[31m\x7f");
	assert_string_equal(e.msg, "'a b c  [31m '");
	err_prefix(&e, "%s", "x\ny");
	assert_string_equal(e.msg, "x y: 'a b c  [31m '");
}

static void err_cuts_the_subject_not_the_reason(void **state)
{
	(void)state;
	struct err e;
	char longest[2000];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	err_sys(&e, ENOSPC, "cannot write '%s'", longest);
	assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
	assert_contains(e.msg, "...: No space left on device");
	err_usage(&e, "%s", longest);
	assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
	assert_string_equal(e.msg + sizeof e.msg - 4, "...");
	err_prefix(&e, "%s", longest);
	assert_int_equal(strlen(e.msg), sizeof e.msg - 1);
	assert_string_equal(e.msg + sizeof e.msg - 4, "...");
	memset(longest, 'y', 511);
	longest[511] = '\0';
	err_usage(&e, "%s", longest); /* fits to the byte: nothing is cut */
	assert_string_equal(e.msg, longest);
}

static void err_does_not_cut_inside_a_character(void **state)
{
	(void)state;
	struct err e;
	char text[1201];
	for (size_t i = 0; i < 600; i++)
		memcpy(text + 2 * i, "\xc3\xa4", 3);
	for (int shift = 0; shift < 2; shift++) {
		err_usage(&e, "%s%s", shift ? "a" : "", text);
		size_t n = strlen(e.msg);
		assert_true(n >= 510);
		assert_string_equal(e.msg + n - 3, "...");
		assert_int_equal((unsigned char)e.msg[n - 4], 0xa4); /* a whole one before it */
	}
}

/* --- exit codes ------------------------------------------------------------- */

static void exit_precedence(void **state)
{
	(void)state;
	/* From the most serious down; usage means that nothing was touched, so it
	 * never meets the others but must not hide a residue. */
	static const int order[] = {EXIT_RESIDUE, 128 + 15, EXIT_RUNTIME, EXIT_STOPPED,
				    EXIT_INCONCLUSIVE, EXIT_NO, EXIT_OK};
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		assert_int_equal(exit_worse(order[i], order[i]), order[i]);
		for (size_t j = i + 1; j < ARRAY_LEN(order); j++) {
			assert_int_equal(exit_worse(order[i], order[j]), order[i]);
			assert_int_equal(exit_worse(order[j], order[i]), order[i]);
		}
	}
	assert_int_equal(exit_worse(EXIT_RESIDUE, EXIT_USAGE), EXIT_RESIDUE);
	assert_int_equal(exit_worse(77, EXIT_NO), 77);
	assert_int_equal(exit_worse(-1, EXIT_NO), -1);
}

/* --- buf ---------------------------------------------------------------------- */

static void buf_is_always_a_string(void **state)
{
	(void)state;
	struct buf b = BUF_INIT;
	assert_string_equal(b.data, "");
	buf_addch(&b, 'a');
	buf_add(&b, "", 0);
	buf_addstr(&b, "bc");
	buf_addf(&b, "%d-%s", 42, "x");
	assert_string_equal(b.data, "abc42-x");
	assert_int_equal(b.len, 7);
	buf_consume(&b, 3);
	assert_string_equal(b.data, "42-x");
	buf_consume(&b, 4);
	assert_string_equal(b.data, "");
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	buf_release(&b);
	assert_string_equal(b.data, "");
	buf_release(&b);

	buf_addword(&b, "/tmp/a-b.c");
	buf_addword(&b, "");
	buf_addword(&b, "it's $x");
	assert_string_equal(b.data, "/tmp/a-b.c'''it'\\''s $x'");
	buf_release(&b);

	struct buf zeroed = {0};
	buf_release(&zeroed);
	assert_string_equal(zeroed.data, "");
	struct buf also_zeroed = {0};
	buf_addstr(&also_zeroed, "ok");
	assert_string_equal(also_zeroed.data, "ok");
	buf_release(&also_zeroed);
}

static void buf_grows_and_detaches(void **state)
{
	(void)state;
	struct buf b = BUF_INIT;
	for (int i = 0; i < 100000; i++)
		buf_addch(&b, (char)('a' + i % 26));
	assert_int_equal(b.len, 100000);
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(b.data[i], 'a' + (int)(i % 26));
	assert_int_equal(b.data[b.len], 0);
	char *s = buf_detach(&b);
	assert_int_equal(strlen(s), 100000);
	assert_int_equal(b.len, 0);
	free(s);
	s = buf_detach(&b); /* an empty one detaches too, as a heap string */
	assert_string_equal(s, "");
	free(s);
	s = mem_printf("%s/%d", "x", 3);
	assert_string_equal(s, "x/3");
	free(s);
}

static void arrays_grow(void **state)
{
	(void)state;
	size_t alloc = 0;
	int *a = NULL;
	for (size_t n = 0; n < 1000; n++) {
		a = mem_grow(a, &alloc, n, sizeof *a);
		assert_true(alloc > n);
		a[n] = (int)n;
	}
	for (size_t n = 0; n < 1000; n++)
		assert_int_equal(a[n], n);
	free(a);
}

/* --- numbers ------------------------------------------------------------------ */

static void whole_numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int rc;
		int64_t want;
	} cases[] = {
		{"0", 0, 0}, {"007", 0, 7}, {"-5", 0, -5}, {"-0", 0, 0},
		{"9223372036854775807", 0, INT64_MAX},
		{"9223372036854775808", -1, 0}, {"99999999999999999999999", -1, 0},
		{"", -1, 0}, {"-", -1, 0}, {"+1", -1, 0}, {" 1", -1, 0}, {"1 ", -1, 0},
		{"--1", -1, 0}, {"0x10", -1, 0}, {"1e3", -1, 0}, {"1.0", -1, 0}, {"1\n", -1, 0},
		{"12abc", -1, 0}, {"\xd9\xa1", -1, 0},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t got = 77;
		assert_int_equal(num_i64(cases[i].text, INT64_MIN, INT64_MAX, &got), cases[i].rc);
		assert_int_equal(got, cases[i].rc ? 77 : cases[i].want);
	}
	int64_t v;
	assert_int_equal(num_i64("5", 5, 5, &v), 0);
	assert_int_equal(num_i64("4", 5, 9, &v), -1);
	assert_int_equal(num_i64("10", 5, 9, &v), -1);
	uint64_t u;
	assert_int_equal(num_u64("18446744073709551615", UINT64_MAX, &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(num_u64("18446744073709551616", UINT64_MAX, &u), -1);
	assert_int_equal(num_u64("-1", UINT64_MAX, &u), -1);
	assert_int_equal(num_u64("11", 10, &u), -1);
}

static void real_numbers(void **state)
{
	(void)state;
	static const char *const bad[] = {"",     "nan",  "inf",  "-inf", "infinity", "0x1p3", "1e999",
					  "1,5",  " 1",   "1 ",   "1.5x", "+1",       ".",     "e5",
					  "1e",   "--1",  "1-2",  "1.2.3", "-",       "1e+"};
	double v = 77;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (num_double(bad[i], -1e308, 1e308, &v) == 0)
			fail_msg("'%s' was taken for %g", bad[i], v);
	assert_true(v >= 77 && v <= 77);
	assert_int_equal(num_double("0.1", 0, 1, &v), 0);
	assert_true(fabs(v - 0.1) < 1e-15);
	assert_int_equal(num_double("1e-999", 0, 1, &v), 0);
	assert_int_equal(num_double("-0", 0, 1, &v), 0);
	assert_false(signbit(v));
	assert_int_equal(num_double("-1e-9", 0, 1, &v), -1);
	assert_int_equal(num_double("1.0000001", 0, 1, &v), -1);
	assert_int_equal(num_double("1", 0, 1, &v), 0);
	assert_int_equal(num_double("5e2", 0, 500, &v), 0);
}

/* --- units -------------------------------------------------------------------- */

static void spans_parse(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ns; /* -1: refused */
	} cases[] = {
		{"20", 20 * NS_PER_S}, {"20s", 20 * NS_PER_S}, {"0", 0}, {"0ms", 0},
		{"150ms", 150 * NS_PER_MS}, {"80us", 80 * NS_PER_US}, {"7ns", 7},
		{"3m", 180 * NS_PER_S}, {"1.5h", 5400 * NS_PER_S}, {"1m30s", 90 * NS_PER_S},
		{"1h1m1s1ms1us1ns", 3661 * NS_PER_S + 1001001}, {".5", NS_PER_S / 2},
		{"0.1", 100 * NS_PER_MS}, {"0.000000001", 1}, {"59.999999999s", 59999999999},
		{"87840h", 87840 * 3600 * NS_PER_S}, {"87841h", -1}, {"1.5ns", 2},
		{"", -1}, {"-1", -1}, {"-1s", -1}, {"+1", -1}, {"s", -1}, {".", -1}, {".s", -1},
		{"1x", -1}, {"1 s", -1}, {" 1", -1}, {"1s ", -1}, {"1m30", -1}, {"1mss", -1},
		{"1.2.3s", -1}, {"1e3", -1}, {"0x1", -1}, {"nan", -1}, {"1S", -1},
		{"99999999999999999999999999h", -1}, {"5m junk", -1},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t got = -2;
		int rc = span_parse(cases[i].text, &got);
		if (rc != (cases[i].ns < 0 ? -1 : 0) || got != (rc ? -2 : cases[i].ns))
			fail_msg("'%s': %d, %lld", cases[i].text, rc, (long long)got);
	}
}

static void spans_format(void **state)
{
	(void)state;
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{0, "0s"}, {1, "1ns"}, {999, "999ns"}, {1500, "1.5us"}, {1500000, "1.5ms"},
		{NS_PER_S, "1s"}, {90 * NS_PER_S, "1m30s"}, {3600 * NS_PER_S, "1h"},
		{3601 * NS_PER_S, "1h1s"}, {119999999999, "1m59.999999999s"},
		{59999999999, "59.999999999s"}, {-1500000, "-1.5ms"}, {-90 * NS_PER_S, "-1m30s"},
		{1001, "1.001us"}, {5400 * NS_PER_S + 1, "1h30m0.000000001s"},
	};
	char text[SPAN_MAX];
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(span_format(cases[i].ns, text), cases[i].text);
	assert_true(strlen(span_format(INT64_MAX, text)) < SPAN_MAX);
	assert_true(strlen(span_format(INT64_MIN, text)) < SPAN_MAX);
}

static void spans_round_trip(void **state)
{
	(void)state;
	struct rng r;
	rng_init(&r, 1);
	for (int i = 0; i < 20000; i++) {
		/* Every magnitude from ns to years, with round and crooked digits. */
		int64_t ns = (int64_t)(rng_next(&r) >> 6 >> rng_below(&r, 57)), back;
		for (uint64_t zeros = rng_below(&r, 10), z = 0; z < zeros && ns < NS_PER_S * 3600; z++)
			ns *= 10;
		char text[SPAN_MAX];
		if (span_parse(span_format(ns, text), &back) || back != ns)
			fail_msg("%lld became '%s'", (long long)ns, text);
	}
}

static void seconds_and_ns(void **state)
{
	(void)state;
	assert_int_equal(s_to_ns(1.5), 1500000000);
	assert_int_equal(s_to_ns(-0.0000000016), -2);
	assert_int_equal(ms_to_ns(0.0000014), 1);
	/* halves away from 0; where the next double is one further; 2^53 and beyond as they are */
	static const double exact[] = {0.5, -0.5, 2.5, -2.5, 0.49999999999999994, 4503599627370497.0, 4503599627370496.5,
				       9007199254740994.0, 0x1.fffffffffffffp60, -0x1.0p61};
	for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
		assert_true(ms_to_ns(exact[i] / 1e6) == llround(exact[i] / 1e6 * 1e6));
	assert_int_equal(s_to_ns(NAN), 0);
	assert_true(s_to_ns(INFINITY) == INT64_MAX);
	assert_true(s_to_ns(-1e300) == INT64_MIN);
	assert_true(fabs(ns_to_s(1500000000) - 1.5) < 1e-12);
	assert_true(fabs(ns_to_ms(1500000) - 1.5) < 1e-12);
}

/* --- suggest -------------------------------------------------------------------- */

static void distances(void **state)
{
	(void)state;
	assert_int_equal(edit_distance("", ""), 0);
	assert_int_equal(edit_distance("abc", ""), 3);
	assert_int_equal(edit_distance("", "abc"), 3);
	assert_int_equal(edit_distance("kill", "kill"), 0);
	assert_int_equal(edit_distance("kill", "klil"), 1); /* a swap is one edit */
	assert_int_equal(edit_distance("kitten", "sitting"), 3);
	assert_int_equal(edit_distance("rps", "rp"), 1);
	char a[300], b[300];
	memset(a, 'a', sizeof a - 1);
	memset(b, 'b', sizeof b - 1);
	a[299] = b[299] = '\0';
	assert_int_equal(edit_distance(a, b), 63);
}

static void suggestions(void **state)
{
	(void)state;
	static const char *const words[] = {"rps", "duration", "timeout", "connections", "control"};
	static const struct {
		const char *word, *want;
	} cases[] = {
		{"duraton", "duration"}, {"timout", "timeout"}, {"rsp", "rps"}, {"conections", "connections"},
		{"contrl", "control"}, {"zzz", NULL}, {"", NULL}, {"x", NULL},
		{"nothing-like-any-of-them", NULL},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *best = NULL;
		for (size_t w = 0; w < ARRAY_LEN(words); w++)
			suggest(cases[i].word, words[w], &best);
		if (cases[i].want)
			assert_string_equal(best ? best : "(none)", cases[i].want);
		else
			assert_null(best);
	}
	char monster[5000];
	memset(monster, 'q', sizeof monster - 1);
	monster[sizeof monster - 1] = '\0';
	const char *best = NULL;
	suggest(monster, "rps", &best);
	assert_null(best);
}

static void the_nearest_wins_and_the_first_of_equals(void **state)
{
	(void)state;
	const char *best = NULL;
	suggest("restrat", "resume", &best);
	suggest("restrat", "restart", &best);
	suggest("restrat", "restrap", &best);
	assert_string_equal(best, "restart");
}

/* --- rng ---------------------------------------------------------------------------- */

static void random_numbers_are_those_of_splitmix(void **state)
{
	(void)state;
	/* The reference values of SplitMix64 with seed 1234567. */
	assert_true(rng_at(1234567, 0) == UINT64_C(6457827717110365317));
	assert_true(rng_at(1234567, 1) == UINT64_C(3203168211198807973));
}

static void draws_are_uniform(void **state)
{
	(void)state;
	enum { BINS = 10, DRAWS = 100000 };
	struct rng r;
	rng_init(&r, 7);
	int unit[BINS] = {0}, below[BINS] = {0};
	for (int i = 0; i < DRAWS; i++) {
		double u = rng_unit(&r);
		assert_true(u >= 0 && u < 1);
		unit[(int)(u * BINS)]++;
		uint64_t b = rng_below(&r, BINS);
		assert_true(b < BINS);
		below[b]++;
	}
	/* Chi-squared with 9 degrees of freedom: 27.9 is exceeded once in a thousand. */
	double chi_unit = 0, chi_below = 0, want = (double)DRAWS / BINS;
	for (int i = 0; i < BINS; i++) {
		chi_unit += (unit[i] - want) * (unit[i] - want) / want;
		chi_below += (below[i] - want) * (below[i] - want) / want;
	}
	assert_true(chi_unit < 27.9);
	assert_true(chi_below < 27.9);
	assert_true(rng_below(&r, 1) == 0);
}

/* --- clock --------------------------------------------------------------------------- */

static void anchors_convert_both_ways(void **state)
{
	(void)state;
	struct anchor a = anchor_now();
	int64_t mono = mono_ns();
	assert_int_equal(anchor_mono_ns(&a, anchor_wall_ns(&a, mono)), mono);
	/* Later than this program's writing, and not milliseconds or microseconds. */
	double unix_s = anchor_unix_s(&a, mono);
	assert_true(unix_s > 1.7e9 && unix_s < 1e10);
	int64_t again = mono_ns();
	assert_true(again >= mono);
	struct anchor fixed = {.offset_ns = 1766500030001234000 - 1000};
	assert_true(anchor_wall_ns(&fixed, 1000) == 1766500030001234000);
	assert_true(fabs(anchor_unix_s(&fixed, 1000) - 1766500030.001234) < 1e-6);
}

static void utf8_lengths(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} cases[] = {
		{"a", 1}, {"", 1}, {"\xc3\xa9", 2}, {"\xe2\x88\x92", 3}, {"\xf0\x9f\x92\xa5", 4},
		{"\x80", 0}, {"\xc3", 0}, {"\xc0\x80", 0}, {"\xc1\xbf", 0}, {"\xe0\x9f\xbf", 0},
		{"\xed\xa0\x80", 0}, {"\xf0\x8f\xbf\xbf", 0}, {"\xf4\x90\x80\x80", 0},
		{"\xf5\x80\x80\x80", 0}, {"\xe2\x88", 0}, {"\xff", 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(utf8_length(cases[i].text), cases[i].length);
}

static void what_a_terminal_obeys_is_not_shown(void **state)
{
	static const struct {
		const char *text, *line, *lines;
	} cases[] = {
		{"a\tb\nc", "a b c", "a\tb\nc"},
		{"\x1b]0;title\a\x7f", " ]0;title  ", " ]0;title  "},
		{"\xc2\x9b" "2J \xc2\xa0\xc3\xa9", " 2J \xc2\xa0\xc3\xa9", " 2J \xc2\xa0\xc3\xa9"},
		{"\xe2\x80\xae" "txt\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f\xe2\x80\xa8", " txt    ", " txt    "},
		{"\xe2\x80\x93 \xe2\x80\xa6 \xe2\x81\xa5", "\xe2\x80\x93 \xe2\x80\xa6 \xe2\x81\xa5",
		 "\xe2\x80\x93 \xe2\x80\xa6 \xe2\x81\xa5"},
		{"\x9b\xff\xe2\x80", "????", "????"},
		{"", "", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT, added = BUF_INIT;
		buf_addstr(&b, cases[i].text);
		plain_lines(&b);
		assert_string_equal(b.data, cases[i].lines);
		assert_int_equal(b.len, strlen(b.data));
		buf_addstr(&added, "\x1b");
		plain_add(&added, cases[i].text);
		assert_string_equal(added.data + 1, cases[i].line);
		assert_int_equal(added.data[0], '\x1b');
		buf_release(&b);
		buf_release(&added);
	}
}

static void words_apart(void **state)
{
	(void)state;
	assert_true(text_has_word("http https", ' ', "http"));
	assert_true(text_has_word("http https", ' ', "https"));
	assert_true(text_has_word("slave,s_down", ',', "s_down"));
	assert_false(text_has_word("http https", ' ', "htt"));
	assert_false(text_has_word("slave,xs_down", ',', "s_down"));
	assert_false(text_has_word("", ',', "s_down"));
	assert_false(text_has_word("a|b", '|', ""));
	assert_false(text_has_word("a|b|c", '|', "a|b"));
}

static void medians(void **state)
{
	double three[] = {9, 1, 2}, four[] = {4, 1, 2, 3};
	(void)state;
	assert_true(num_median(three, 3) == 2 && three[0] == 1);
	assert_true(num_median(four, 4) == 2.5);
	assert_true(isnan(num_median(NULL, 0)));
}

static void plain_names(void **state)
{
	char name[NAME_LETTERS_MAX + 2];
	(void)state;
	assert_true(name_is_plain("Run-1_b.c"));
	assert_false(name_is_plain(""));
	assert_false(name_is_plain("a/b"));
	assert_false(name_is_plain("a b"));
	assert_false(name_is_plain("\xc3\xa9"));
	memset(name, 'a', sizeof name);
	name[NAME_LETTERS_MAX + 1] = '\0';
	assert_false(name_is_plain(name));
	name[NAME_LETTERS_MAX] = '\0';
	assert_true(name_is_plain(name));
}

static void a_field_cuts_nothing(void **state)
{
	(void)state;
	char field[4];
	struct err e;
	assert_int_equal(field_put(field, sizeof field, "abc", "name", &e), 0);
	assert_string_equal(field, "abc");
	assert_int_equal(field_put(field, sizeof field, "abcd", "name", &e), -1);
	assert_string_equal(field, "");
	assert_int_equal(e.code, EXIT_USAGE);
	assert_contains(e.msg, "name is longer than 3 bytes");
	assert_int_equal(field_put(field, sizeof field, NULL, "name", &e), 0);
	assert_string_equal(field, "");
}

/* --- ring ---------------------------------------------------------------------- */

static void ring_gives_back_all_that_was_put_in(void **state)
{
	(void)state;
	struct ring r;
	unsigned char in = 0, out = 0;
	size_t len, held = 0, refused = 0;
	ring_init(&r, 100);
	for (uint64_t i = 0; i < 100000; i++) {
		size_t want = 1 + (size_t)(rng_at(7, i) % 30);
		char *at = ring_room(&r, want);
		refused += !at;
		assert_true(at || held > 40); /* what is free is in two parts at most */
		for (size_t k = 0; at && k < want; k++)
			at[k] = (char)in++;
		if (at)
			ring_put(&r, at + want);
		held += at ? want : 0;
		assert_int_equal(ring_used(&r), held);
		const char *old = ring_oldest(&r, &len);
		assert_true(len > 0 || !held);
		len = len > 12 ? 12 : len;
		for (size_t k = 0; k < len; k++)
			assert_int_equal((unsigned char)old[k], out++);
		ring_take(&r, len);
		held -= len;
	}
	assert_true(refused > 1000);
	size_t first, second;
	ring_oldest(&r, &first);
	ring_rest(&r, &second);
	assert_int_equal(first + second, held);
	ring_clear(&r);
	assert_int_equal(ring_used(&r), 0);
	assert_null(ring_room(&r, 101));
	assert_non_null(ring_room(&r, 100));
	ring_release(&r);
}

int main(void)
{
	static const struct CMUnitTest base[] = {
		cmocka_unit_test(err_carries_code_and_errno),
		cmocka_unit_test(err_has_keys_until_its_next_message),
		cmocka_unit_test(err_is_one_line),
		cmocka_unit_test(err_cuts_the_subject_not_the_reason),
		cmocka_unit_test(err_does_not_cut_inside_a_character),
		cmocka_unit_test(exit_precedence),
		cmocka_unit_test(buf_is_always_a_string),
		cmocka_unit_test(buf_grows_and_detaches),
		cmocka_unit_test(arrays_grow),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(real_numbers),
		cmocka_unit_test(spans_parse),
		cmocka_unit_test(spans_format),
		cmocka_unit_test(spans_round_trip),
		cmocka_unit_test(seconds_and_ns),
		cmocka_unit_test(distances),
		cmocka_unit_test(suggestions),
		cmocka_unit_test(the_nearest_wins_and_the_first_of_equals),
		cmocka_unit_test(random_numbers_are_those_of_splitmix),
		cmocka_unit_test(draws_are_uniform),
		cmocka_unit_test(anchors_convert_both_ways),
		cmocka_unit_test(utf8_lengths),
		cmocka_unit_test(what_a_terminal_obeys_is_not_shown),
		cmocka_unit_test(words_apart),
		cmocka_unit_test(medians),
		cmocka_unit_test(plain_names),
		cmocka_unit_test(a_field_cuts_nothing),
		cmocka_unit_test(ring_gives_back_all_that_was_put_in),
	};
	return RUN_GROUP(base);
}
