#include "change.h"

#include <math.h>
#include <stdio.h>

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

void change_of(enum metric m, const struct figures *baseline, const struct figures *run,
	       struct change *c)
{
	*c = (struct change){.baseline = value(m, baseline), .run = value(m, run)};
	value_words(m, c->baseline, c->baseline_words);
	value_words(m, c->run, c->run_words);
	if (m == METRIC_ERRORS)
		words_points(c->baseline / 100, c->run / 100, c->words);
	else
		words_ratio(c->baseline, c->run, c->words);
	bool unfair = m == METRIC_THROUGHPUT && change_other_load(baseline, run);
	bool latency = m == METRIC_P50 || m == METRIC_P95 || m == METRIC_P99;
	if (*c->words)
		c->sense = unfair ? CHANGE_SMALL : sense_of(m, c);
	else
		snprintf(c->words, sizeof c->words, "no comparison");
	/* What fails is often what would have been slow: nobody is better off for it. */
	if (latency && c->sense == CHANGE_BETTER && run->error_rate - baseline->error_rate >= 0.01)
		c->sense = CHANGE_SMALL;
}
