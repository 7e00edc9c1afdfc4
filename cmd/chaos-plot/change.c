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

static double value(enum metric m, const struct summary *s)
{
	const double values[METRIC_COUNT] = {
		[METRIC_THROUGHPUT] = s->throughput_rps, [METRIC_P50] = s->p50_ms,
		[METRIC_P95] = s->p95_ms,		 [METRIC_P99] = s->p99_ms,
		[METRIC_ERRORS] = s->error_rate * 100,
	};
	return values[m];
}

static const char *const units[METRIC_COUNT] = {
	[METRIC_THROUGHPUT] = "/s", [METRIC_P50] = " ms", [METRIC_P95] = " ms",
	[METRIC_P99] = " ms",	    [METRIC_ERRORS] = " %",
};

/* Three digits that mean something. */
static void value_words(enum metric m, double v, char *out, size_t size)
{
	if (isnan(v))
		snprintf(out, size, "none");
	else
		snprintf(out, size, "%.*f%s", v >= 100 || !(v > 0) ? 0 : v >= 1 ? 1 : 2, v, units[m]);
}

static const char *sign(double v)
{
	return v < 0 ? "−" : "+";
}

static void ratio_words(struct change *c, char *out, size_t size)
{
	double ratio = c->run / c->baseline, percent = (ratio - 1) * 100;
	if (ratio >= 1.5)
		snprintf(out, size, "×%.*f", ratio < 9.95 ? 1 : 0, ratio);
	else if (fabs(percent) < 0.5)
		snprintf(out, size, "0 %%");
	else
		snprintf(out, size, "%s%.0f %%", sign(percent), fabs(percent));
}

static enum change_sense sense_of(enum metric m, const struct change *c)
{
	double up = m == METRIC_ERRORS ? c->run - c->baseline
				       : (c->run / c->baseline - 1) * 100;
	double least = m == METRIC_ERRORS ? 1 : 10;
	if (fabs(up) < least)
		return CHANGE_SMALL;
	return (up > 0) == (m == METRIC_THROUGHPUT) ? CHANGE_BETTER : CHANGE_WORSE;
}

void change_of(enum metric m, const struct summary *baseline, const struct summary *run,
	       struct change *c)
{
	*c = (struct change){.baseline = value(m, baseline), .run = value(m, run)};
	value_words(m, c->baseline, c->baseline_words, sizeof c->baseline_words);
	value_words(m, c->run, c->run_words, sizeof c->run_words);
	double points = c->run - c->baseline;
	bool known = !isnan(points) && (m == METRIC_ERRORS || c->baseline > 0);
	if (!known)
		snprintf(c->words, sizeof c->words, "no comparison");
	else if (m != METRIC_ERRORS)
		ratio_words(c, c->words, sizeof c->words);
	else if (fabs(points) < 0.05)
		snprintf(c->words, sizeof c->words, "0 points");
	else
		snprintf(c->words, sizeof c->words, "%s%.1f points", sign(points), fabs(points));
	c->sense = known ? sense_of(m, c) : CHANGE_UNKNOWN;
}
