/* What a finding begins with: what came of the expectations, and how the run ended. */
#include "report/finding/finding.h"

#include "base/signame.h"
#include "report/facts/words.h"

#include <math.h>
#include <string.h>

const char *report_outcome(int exit_code)
{
	static const char *const words[] = {"held", "missed", "failed", "inconclusive", "stopped", "residue", "failed"};
	if (exit_code >= 128)
		return "interrupted";
	return words[exit_code >= 0 && (size_t)exit_code < ARRAY_LEN(words) ? exit_code : EXIT_RUNTIME];
}

/* A rule of shares that was written in percent. */
static bool in_percent(const char *text)
{
	return strchr(text, '%') && !strstr(text, "_ms") && (strstr(text, "error_rate") || strstr(text, "availability."));
}

/* "(took 22.4 s)", "(was 0.21)", "(was 21.0 %)", or why nobody knows; nothing if that is not known either */
static void add_value(struct buf *out, const struct json *x)
{
	char span[WORDS_MAX];
	const char *reason = json_str(json_get(x, "reason"), NULL);
	if (reason && strcmp(json_text(x, "result"), "inconclusive") == 0) {
		buf_addf(out, " (%s)", reason);
		return;
	}
	double v = json_num(json_get(x, "value"), NAN), bound = json_num(json_get(x, "bound"), NAN);
	if (strncmp(json_text(x, "text"), "recovered", 9) == 0) {
		if (!isnan(v))
			buf_addf(out, " (took %s)", words_span(v, span));
		else if (!isnan(bound))
			buf_addstr(out, " (was not seen)");
	} else if (!isnan(v) && in_percent(json_text(x, "text"))) {
		buf_addf(out, " (was %s)", words_share(v, span));
	} else if (v >= 1000 && v < 1e15) {
		buf_addf(out, " (was %s)", words_count((uint64_t)(v + 0.5), span));
	} else if (!isnan(v)) {
		buf_addf(out, " (was %.4g)", v);
	}
}

/* The expectations with that result: the first, and how many more. */
static void add_expectations(struct buf *out, const struct json *list, const char *result, const char *before)
{
	const struct json *first = NULL;
	size_t n = 0;
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *x = json_at(list, i);
		if (strcmp(json_text(x, "result"), result) != 0)
			continue;
		first = first ? first : x;
		n++;
	}
	if (!first)
		return;
	if (n > 1 && strcmp(result, "held") == 0) {
		buf_addf(out, "%sall %zu expectations", before, n);
		return;
	}
	buf_addf(out, "%s%s", before, json_text(first, "text"));
	if (strcmp(result, "held") != 0)
		add_value(out, first);
	if (n > 1)
		buf_addf(out, " and %zu more", n - 1);
}

bool report_cut_short(const struct json *analysis)
{
	const char *word = json_text(analysis, "outcome");
	return strcmp(word, "interrupted") == 0 || strcmp(word, "stopped") == 0;
}

bool report_add_outcome(struct buf *out, const struct json *analysis)
{
	const struct json *list = json_get(analysis, "expectations"), *end = json_get(analysis, "run_end");
	const char *word = json_str(json_get(analysis, "outcome"), NULL);
	const char *why = json_str(json_get(end, "message"), NULL);
	int signo = (int)json_num(json_get(end, "signal"), 0);
	if (!word || !(json_count(list) || why || signo))
		return false;
	buf_addstr(out, word);
	if (why)
		buf_addf(out, ": %s", why);
	else if (signo)
		buf_addf(out, " by SIG%s", signal_abbrev(signo) ? signal_abbrev(signo) : "?");
	else
		add_expectations(out, list, word, ": ");
	if (strcmp(word, "missed") != 0) /* what outranks a miss does not hide it */
		add_expectations(out, list, "missed", "; missed: ");
	if (strcmp(word, "inconclusive") != 0)
		add_expectations(out, list, "inconclusive", "; inconclusive: ");
	return true;
}

void report_add_losses(struct buf *out, const struct json *analysis)
{
	char lost[WORDS_MAX], all[WORDS_MAX], few[WORDS_MAX];
	const struct json *a = json_get(analysis, "audit");
	int64_t unreplicated = json_int(json_get(a, "unreplicated"), 0);
	bool decided = !json_is_null(a) && strcmp(json_text(a, "verdict"), "undecidable") != 0;
	if (decided)
		buf_addf(out, ", %s of %s acknowledged writes lost",
			 words_count((uint64_t)json_int(json_get(a, "lost"), 0), lost),
			 words_count((uint64_t)json_int(json_get(a, "acknowledged"), 0), all));
	if (unreplicated > 0) /* in parentheses it stays with them where a title is cut */
		buf_addf(out, decided ? " (%s unreplicated)" : ", %s acknowledged writes unreplicated",
			 words_count((uint64_t)unreplicated, few));
}

/* The most that it was in any fault; NULL if that is less than what is told. */
static const char *most(const struct json *analysis, const struct facts *facts, const char *key, double told)
{
	const struct json *faults = json_get(analysis, "faults");
	const char *shown = NULL;
	for (size_t i = 0; i < json_count(faults); i++) {
		double value = json_num(json_get(json_at(faults, i), key), 0);
		if (value >= told) {
			told = value;
			shown = facts_display(facts, "faults.%zu.%s", i, key);
		}
	}
	return shown;
}

/* Every fault that had an effect knows of both kinds. */
static bool knows_kinds(const struct json *analysis)
{
	const struct json *faults = json_get(analysis, "faults");
	bool known = false;
	for (size_t i = 0; i < json_count(faults); i++) {
		const struct json *f = json_at(faults, i);
		if (!json_bool(json_get(f, "affected"), false))
			continue;
		if (json_is_null(json_get(f, "write_blackout_s")) || json_is_null(json_get(f, "read_blackout_s")))
			return false;
		known = true;
	}
	return known;
}

void report_add_silence(struct buf *out, const struct json *analysis, const struct facts *facts)
{
	const char *all = most(analysis, facts, "blackout_s", 1), *writes = NULL, *reads = NULL;
	if (!knows_kinds(analysis)) {
		if (all)
			buf_addf(out, ", %s without a success", all);
		return;
	}
	writes = most(analysis, facts, "write_blackout_s", 1);
	reads = most(analysis, facts, "read_blackout_s", 1);
	const char *failed = most(analysis, facts, "read_error_rate", 1e-9);
	if (writes)
		buf_addf(out, ", %s without writes", writes);
	if (reads)
		buf_addf(out, "%s %s without reads", writes ? " and" : ",", reads);
	else if (writes && failed)
		buf_addf(out, ", %s of reads failed", failed);
	else if (writes)
		buf_addstr(out, ", reads served throughout");
}

void report_add_slow(struct buf *out, const struct json *analysis, size_t interval)
{
	const struct json *x = json_at(json_get(analysis, "intervals"), interval);
	const char *load = json_str(json_get(x, "load"), NULL);
	const struct json *its = load ? json_get(json_get(analysis, "loads"), load) : analysis;
	double ratio = json_num(json_get(x, "p99_ratio"), NAN);
	double normal_s = json_num(json_get(its, "baseline.p99_latency_ms"), NAN) / 1000;
	char slow[WORDS_MAX], usual[WORDS_MAX];
	if (isnan(normal_s))
		buf_addf(out, ": p99 latency up to %.1f times the normal", ratio);
	else
		buf_addf(out, ": p99 latency up to %s, normally %s", words_span(ratio * normal_s, slow),
			 words_span(normal_s, usual));
}
