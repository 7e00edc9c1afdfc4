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

bool change_other_load(const struct json *analysis)
{
	double run = offered_rps(json_get(analysis, "run_summary"));
	return fabs(run / offered_rps(json_get(analysis, "baseline_summary")) - 1) > 0.05;
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
		const char *verdict = json_str(json_get(entry, "verdict"), "");
		c->baseline = take_value(m, json_get(analysis, "baseline_summary"), c->baseline_words);
		c->run = take_value(m, json_get(analysis, "run_summary"), c->run_words);
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
