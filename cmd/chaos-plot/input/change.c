#include "input/change.h"

#include "base/buf.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *key, *unit;
} metrics[METRIC_COUNT] = {
	[METRIC_THROUGHPUT] = {"throughput", "throughput_rps", "/s"},
	[METRIC_P50] = {"p50 latency", "p50_latency_ms", " ms"},
	[METRIC_P95] = {"p95 latency", "p95_latency_ms", " ms"},
	[METRIC_P99] = {"p99 latency", "p99_latency_ms", " ms"},
	[METRIC_ERRORS] = {"error rate", "error_rate", ""},
};

const char *metric_name(enum metric m)
{
	return metrics[m].name;
}

/* Takes the value in a summary; returns what is drawn of it. */
static double take_value(enum metric m, const struct json *summary, char words[static WORDS_MAX])
{
	double v = json_num(json_get(summary, metrics[m].key), NAN);
	if (m != METRIC_ERRORS)
		words_value(v, metrics[m].unit, words);
	else
		words_share(v, words);
	return m == METRIC_ERRORS ? v * 100 : v;
}

static double offered_rps(const struct json *summary)
{
	return json_num(json_get(summary, "due"), NAN) / json_num(json_get(summary, "seconds"), NAN);
}

/* What the requests of the analysis have in common with key of list: the first that is not in the other. */
static const char *missing(const struct json *list, const struct json *other, const char *key, const char *end)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const char *x = json_text(json_at(list, i), key);
		size_t k = 0, len = end && strstr(x, end) ? (size_t)(strstr(x, end) - x) : strlen(x);
		while (k < json_count(other) &&
		       (strncmp(json_text(json_at(other, k), key), x, len) != 0))
			k++;
		if (k == json_count(other))
			return x;
	}
	return NULL;
}

char *change_incomparable(const struct json *analysis, const struct json *baseline)
{
	double run = offered_rps(json_get(analysis, "run_summary")), base = offered_rps(json_get(analysis, "baseline_summary"));
	char words[2][WORDS_MAX];
	const struct json *nodes[] = {json_get(analysis, "nodes"), json_get(baseline, "nodes")};
	const struct json *ops[] = {json_get(analysis, "ops"), json_get(baseline, "ops")};
	if (json_count(nodes[0]) && json_count(nodes[1]) && missing(nodes[0], nodes[1], "url", "://"))
		return mem_strdup("they speak different protocols");
	if (json_count(ops[0]) && json_count(ops[1]) && missing(ops[0], ops[1], "op", NULL))
		return mem_strdup("their requests differ");
	if (fabs(run / base - 1) > 0.05)
		return mem_printf("%s/s were offered to the run, %s/s to the baseline", words_many(run, words[0]),
				  words_many(base, words[1]));
	return NULL;
}

/* The analysis scales the baseline to the planned rate of the run; the bars do not. */
static void add_scale(const struct json *analysis, struct change *c)
{
	size_t len = strlen(c->words);
	if (len && fabs(json_num(json_get(analysis, "baseline.rate_ratio"), 1) - 1) > 0.005)
		snprintf(c->words + len, sizeof c->words - len, " for its load");
}

void changes_of(const struct json *analysis, struct change all[static METRIC_COUNT])
{
	for (enum metric m = 0; m < METRIC_COUNT; m++) {
		struct change *c = &all[m];
		const struct json *entry = compare_find(analysis, metrics[m].key);
		const char *verdict = json_text(entry, "verdict");
		c->baseline = take_value(m, json_get(analysis, "baseline_summary"), c->baseline_words);
		c->run = take_value(m, json_get(analysis, "run_summary"), c->run_words);
		double base = m == METRIC_ERRORS ? (double)NAN : json_num(json_get(entry, "baseline_value"), NAN);
		c->ratio = m == METRIC_ERRORS ? (double)NAN : json_num(json_get(entry, "ratio"), NAN);
		c->low = 1 + json_num(json_get(entry, "diff_low"), NAN) / base;
		c->high = 1 + json_num(json_get(entry, "diff_high"), NAN) / base;
		c->tolerance = fmin(json_num(json_get(entry, "tolerance"), 0) / base, 0.9);
		if (isnan(c->low) || isnan(c->high))
			c->low = c->high = c->ratio;
		words_compared(entry, m == METRIC_ERRORS, c->words);
		if (m == METRIC_THROUGHPUT)
			add_scale(analysis, c);
		c->sense = !*c->words				  ? CHANGE_NONE
			   : strcmp(verdict, "fail") == 0	  ? CHANGE_WORSE
			   : strcmp(verdict, "inconclusive") == 0 ? CHANGE_UNSURE
								  : CHANGE_NONE;
		if (!*c->words)
			snprintf(c->words, sizeof c->words, "no comparison");
	}
}
