#include "input/change.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const names[METRIC_COUNT] = {
	[METRIC_THROUGHPUT] = "throughput", [METRIC_P50] = "p50 latency",
	[METRIC_P95] = "p95 latency",	    [METRIC_P99] = "p99 latency",
	[METRIC_ERRORS] = "error rate",
};

const char *metric_name(enum metric m)
{
	return names[m];
}

static double value(enum metric m, const struct figures *s)
{
	const double values[METRIC_COUNT] = {
		[METRIC_THROUGHPUT] = s->throughput_rps,
		[METRIC_P50] = s->p50_ms,
		[METRIC_P95] = s->p95_ms,
		[METRIC_P99] = s->p99_ms,
		[METRIC_ERRORS] = s->error_rate * 100,
	};
	return values[m];
}

static const char *const units[METRIC_COUNT] = {
	[METRIC_THROUGHPUT] = "/s", [METRIC_P50] = " ms", [METRIC_P95] = " ms",
	[METRIC_P99] = " ms",	    [METRIC_ERRORS] = "",
};

static void value_words(enum metric m, double v, char out[static WORDS_MAX])
{
	if (m == METRIC_ERRORS)
		words_share(v / 100, out);
	else
		words_value(v, units[m], out);
}

static enum change_sense sense_of(enum metric m, const struct change *c)
{
	double up = m == METRIC_ERRORS ? c->run - c->baseline : (c->run / c->baseline - 1) * 100;
	double least = m == METRIC_ERRORS ? 1 : 10;
	if (fabs(up) < least)
		return CHANGE_SMALL;
	return (up > 0) == (m == METRIC_THROUGHPUT) ? CHANGE_BETTER : CHANGE_WORSE;
}

bool change_other_load(const struct figures *baseline, const struct figures *run)
{
	return fabs(run->offered_rps / baseline->offered_rps - 1) > 0.05;
}

/* Failed requests are often those that would have been slow, so lower latencies with more
 * failures are no improvement. */
static bool fast_by_failing(enum metric m, const struct figures *baseline,
			    const struct figures *run)
{
	bool latency = m == METRIC_P50 || m == METRIC_P95 || m == METRIC_P99;
	return latency && run->error_rate - baseline->error_rate >= 0.01;
}

static void by_size(enum metric m, const struct figures *baseline, const struct figures *run,
		    struct change *c)
{
	if (m == METRIC_ERRORS)
		words_points(c->baseline / 100, c->run / 100, c->words);
	else
		words_ratio(c->baseline, c->run, c->words);
	bool unfair = m == METRIC_THROUGHPUT && change_other_load(baseline, run);
	c->sense = unfair ? CHANGE_SMALL : sense_of(m, c);
	if (c->sense == CHANGE_BETTER && fast_by_failing(m, baseline, run))
		c->sense = CHANGE_SMALL;
}

/* The analysis scales the baseline to the planned rate of the run; the bars do not. */
static void add_scale(const struct json *analysis, struct change *c)
{
	size_t len = strlen(c->words);
	if (len && fabs(json_num(json_get(analysis, "baseline.rate_ratio"), 1) - 1) > 0.005)
		snprintf(c->words + len, sizeof c->words - len, " for its load");
}

static void by_verdict(enum metric m, const struct json *analysis, struct change *c)
{
	const struct json *compare = json_get(analysis, "compare");
	static const char *const keys[METRIC_COUNT] = {
		[METRIC_THROUGHPUT] = "throughput_rps", [METRIC_P50] = "p50_latency_ms",
		[METRIC_P95] = "p95_latency_ms",	[METRIC_P99] = "p99_latency_ms",
		[METRIC_ERRORS] = "error_rate",
	};
	for (size_t i = 0; i < json_count(compare); i++) {
		const struct json *entry = json_at(compare, i);
		if (strcmp(json_str(json_get(entry, "metric"), ""), keys[m]) != 0)
			continue;
		const char *verdict = json_str(json_get(entry, "verdict"), "");
		words_compared(entry, m == METRIC_ERRORS, c->words);
		if (m == METRIC_THROUGHPUT)
			add_scale(analysis, c);
		c->sense = strcmp(verdict, "fail") == 0		  ? CHANGE_WORSE
			   : strcmp(verdict, "inconclusive") == 0 ? CHANGE_UNSURE
								  : CHANGE_SMALL;
		return;
	}
}

void changes_of(const struct figures *baseline, const struct figures *run,
		const struct json *analysis, struct change all[static METRIC_COUNT])
{
	for (enum metric m = 0; m < METRIC_COUNT; m++) {
		struct change *c = &all[m];
		*c = (struct change){.baseline = value(m, baseline), .run = value(m, run)};
		value_words(m, c->baseline, c->baseline_words);
		value_words(m, c->run, c->run_words);
		if (json_count(json_get(analysis, "compare")))
			by_verdict(m, analysis, c);
		else
			by_size(m, baseline, run, c);
		if (*c->words)
			continue;
		c->sense = CHANGE_UNKNOWN;
		snprintf(c->words, sizeof c->words, "no comparison");
	}
}
