#include "judge/compare/comparison.h"

#include "judge/analysis/metrics.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/suggest.h"
#include "base/units.h"
#include "judge/compare/spreads.h"

#include <stdlib.h>
#include <string.h>

/* The metrics and their default tolerances. */
static const struct {
	enum metric metric;
	struct tolerance tolerance;
	bool less_is_worse;
	int decimals;
} table[COMPARED_COUNT] = {
	[COMPARED_THROUGHPUT] = {METRIC_THROUGHPUT, {0.1, true}, true, 3},
	[COMPARED_P50] = {METRIC_P50, {0.1, true}, false, 3},
	[COMPARED_P95] = {METRIC_P95, {0.1, true}, false, 3},
	[COMPARED_P99] = {METRIC_P99, {0.1, true}, false, 3},
	[COMPARED_ERROR_RATE] = {METRIC_ERROR_RATE, {0.01, false}, false, 6},
	[COMPARED_P99_ALL] = {METRIC_P99_ALL, {(double)NAN, false}, false, 3},
	[COMPARED_REQUEST] = {METRIC_REQUEST, {0.01, false}, true, 6},
	[COMPARED_TIME] = {METRIC_TIME, {0.01, false}, true, 6},
	[COMPARED_YIELD] = {METRIC_YIELD, {0.01, false}, true, 6},
};

static const char *name_of(size_t compared)
{
	return metric_names[table[compared].metric];
}

void tolerances_init(struct tolerance all[COMPARED_COUNT])
{
	for (size_t i = 0; i < COMPARED_COUNT; i++)
		all[i] = table[i].tolerance;
}

/* The first len bytes of text name no metric with a tolerance. */
static int err_tolerance(const char *text, size_t len, struct err *e)
{
	struct buf all = BUF_INIT;
	char *name = mem_printf("%.*s", (int)len, text);
	const char *near = NULL;
	for (size_t i = 0; i < COMPARED_COUNT; i++) {
		if (i == COMPARED_P99_ALL)
			continue;
		suggest(name, name_of(i), &near);
		if (!near && len && strncmp(name_of(i), name, len) == 0)
			near = name_of(i); /* only its beginning is given, as "p99" */
		buf_addf(&all, "%s%s", all.len ? ", " : "", name_of(i));
	}
	if (near)
		err_usage(e, "wrong tolerance '%.80s': no metric '%.40s'; did you mean '%s'?", text, name, near);
	else
		err_usage(e, "wrong tolerance '%.80s': no metric '%.40s' has a tolerance; those are %s",
			  text, name, all.data);
	buf_release(&all);
	free(name);
	return -1;
}

int tolerance_parse(const char *text, struct tolerance *all, struct err *e)
{
	const char *is = strchr(text, '=');
	size_t len = is ? (size_t)(is - text) : strlen(text), metric = 0;
	while (metric < COMPARED_COUNT &&
	       (strncmp(name_of(metric), text, len) != 0 || name_of(metric)[len] != '\0'))
		metric++;
	if (!is)
		return err_usage(e, "wrong tolerance '%.80s': want METRIC=VALUE", text);
	if (metric == COMPARED_COUNT || metric == COMPARED_P99_ALL)
		return err_tolerance(text, len, e);
	if (num_double(is + 1, 0, 1e6, &all[metric].value))
		return err_usage(e, "wrong tolerance '%s': want a number after '='", text);
	return 0;
}

/* Measurements of one or several parts. */
struct measured {
	struct summary sum;
	double judged, anomalous; /* windows */
	double edges;		  /* of anomalies, each known to one window */
	/* windows of anomalies that chance may explain, and of others by latency alone */
	double doubtful, slow;
};

struct setting {
	const struct analysis *a;
	size_t bases;			  /* baseline runs */
	struct measured run, base, *each; /* each of the baseline runs */
	struct hist *run_latency, *base_latency;
	struct comparison *all;
	struct spread spreads[COMPARED_TESTED]; /* within the runs */
	double alpha; /* family-wise error of all tests */
};

static void take_windows(struct measured *m, const struct part *p)
{
	const double much = 3; /* times the evidence that an alarm needs */
	const struct detection *d = &p->of->detection;
	for (size_t k = p->from; k < p->to && k < d->count; k++) {
		m->judged += d->windows[k].judged;
		m->anomalous += d->windows[k].judged && d->windows[k].anomalous;
	}
	for (size_t i = 0; i < d->interval_count; i++) {
		const struct interval *x = &d->intervals[i];
		size_t from = x->start > p->from ? x->start : p->from, to = x->end < p->to ? x->end : p->to;
		double windows = from < to ? (double)(to - from) : 0;
		if (x->evidence < much * d->alarm_level && !(x->reasons & REASON_SILENCE))
			m->doubtful += windows;
		else if (x->reasons == REASON_LATENCY)
			m->slow += windows;
		m->edges += d->intervals[i].start > p->from && d->intervals[i].start < p->to;
		m->edges += d->intervals[i].end > p->from && d->intervals[i].end < p->to;
	}
}

static void measure(struct measured *m, const struct part *parts, size_t count,
		    struct hist *latency)
{
	struct span *spans = mem_alloc((count + 1) * sizeof *spans);
	*m = (struct measured){0};
	for (size_t i = 0; i < count; i++) {
		const struct part *p = &parts[i];
		spans[i] = (struct span){&p->of->run->grid, p->of->run->planned, p->from, p->to};
		take_windows(m, p);
	}
	summarize_spans(&m->sum, spans, count, count ? parts[0].of->timeout_ns : 0);
	if (latency)
		spans_latency(spans, count, latency);
	free(spans);
}

static double value_of(const struct measured *m, unsigned compared)
{
	double planned = m->sum.planned_rps * m->sum.seconds;
	if (compared == COMPARED_REQUEST)
		return 1 - m->sum.error_rate;
	if (compared == COMPARED_TIME)
		return m->judged > 0 ? 1 - m->anomalous / m->judged : (double)NAN;
	if (compared == COMPARED_YIELD)
		return planned > 0 ? fmin(1, (double)m->sum.ok / planned) : (double)NAN;
	return metric_of_summary(&m->sum, table[compared].metric);
}

static struct bounds negative(struct bounds b)
{
	return (struct bounds){-b.high, -b.low};
}

static struct bounds quantile_diff(const struct setting *s, unsigned metric, double half)
{
	double q = summary_quantiles[metric - COMPARED_P50];
	struct bounds b = compare_quantiles(s->run_latency, s->base_latency, q, half);
	return (struct bounds){b.low / NS_PER_MS, b.high / NS_PER_MS};
}

static struct bounds share_bounds(const struct setting *s, bool planned, double half)
{
	const struct summary *r = &s->run.sum, *b = &s->base.sum;
	if (!planned && (summary_lacks(r) || summary_lacks(b)))
		return (struct bounds){(double)NAN, (double)NAN};
	if (!planned)
		return compare_shares((double)r->err, (double)r->due, (double)b->err,
				      (double)b->due, half);
	double run_all = r->planned_rps * r->seconds, base_all = b->planned_rps * b->seconds;
	return compare_shares(fmin((double)r->ok, run_all), run_all, fmin((double)b->ok, base_all),
			      base_all, half);
}

/* Anomalous seconds are observed, not sampled: only the position of each edge within its window
 * is uncertain. Seconds that were slow count if a percentile is worse: that knows by how much
 * latency varies of its own. */
static struct bounds time_bounds(const struct setting *s)
{
	const struct measured *r = &s->run, *b = &s->base;
	double diff = s->all[COMPARED_TIME].run - s->all[COMPARED_TIME].baseline;
	double half = r->edges / 2 / r->judged + b->edges / 2 / b->judged;
	double may[2] = {r->doubtful / r->judged, b->doubtful / b->judged};
	bool slower = false;
	for (unsigned i = COMPARED_P50; i <= COMPARED_P99; i++)
		slower = slower || s->all[i].verdict == COMPARE_FAIL;
	if (!slower) {
		may[0] += r->slow / r->judged;
		may[1] += b->slow / b->judged;
	}
	return (struct bounds){diff - half - may[1], diff + half + may[0]};
}

/* Uncertainty within the runs, as if runs did not differ from one another. */
static struct bounds within_bounds(const struct setting *s, unsigned metric, double alpha)
{
	unsigned tested = metric < COMPARED_TESTED ? metric : COMPARED_ERROR_RATE;
	const struct summary *r = &s->run.sum, *b = &s->base.sum;
	double half = spread_half(&s->spreads[tested], alpha);
	if (metric == COMPARED_THROUGHPUT)
		return compare_rates((double)r->completed_ok, r->seconds, (double)b->completed_ok,
				     b->seconds, s->all[metric].scale, half);
	if (metric == COMPARED_ERROR_RATE || metric == COMPARED_YIELD)
		return share_bounds(s, metric == COMPARED_YIELD, half);
	if (metric == COMPARED_REQUEST)
		return negative(share_bounds(s, false, half));
	if (metric == COMPARED_TIME)
		return time_bounds(s);
	return quantile_diff(s, metric, half);
}

/* The metric of each baseline run, scaled to the run's planned rate. */
static double *values_of_each(const struct setting *s, unsigned metric)
{
	double *values = mem_alloc((s->bases + 1) * sizeof *values);
	for (size_t i = 0; i < s->bases; i++) {
		double scale = s->run.sum.planned_rps / s->each[i].sum.planned_rps;
		bool scaled = metric == COMPARED_THROUGHPUT && isfinite(scale) && scale > 0;
		values[i] = value_of(&s->each[i], metric) * (scaled ? scale : 1);
	}
	return values;
}

/* The wider of the bounds within and between runs. */
static struct bounds diff_bounds(const struct setting *s, unsigned metric, double alpha)
{
	struct bounds in = within_bounds(s, metric, alpha);
	if (s->bases < 3)
		return in;
	bool lasting = metric < COMPARED_TESTED && s->spreads[metric].lasting;
	double *values = values_of_each(s, metric);
	struct bounds between = between_bounds(s->all[metric].run, values, s->bases, alpha);
	free(values);
	if (isnan(between.low) || isnan(in.low) || lasting)
		return between;
	return (struct bounds){fmin(in.low, between.low), fmax(in.high, between.high)};
}

static struct bounds worse_at(const void *context, size_t test, double alpha)
{
	struct bounds b = diff_bounds(context, (unsigned)test, 2 * alpha);
	return table[test].less_is_worse ? negative(b) : b;
}

static void judge(struct setting *s)
{
	enum compare_verdict verdicts[COMPARED_TESTED];
	double tolerance[COMPARED_TESTED];
	for (size_t i = 0; i < COMPARED_TESTED; i++)
		tolerance[i] = s->all[i].tolerance;
	compare_all(&(struct compare_tests){COMPARED_TESTED, worse_at, s, tolerance}, s->alpha,
		    verdicts);
	for (unsigned i = 0; i < COMPARED_COUNT; i++) {
		struct comparison *x = &s->all[i];
		if (i < COMPARED_TESTED)
			x->verdict = verdicts[i];
		else if (!isnan(x->tolerance))
			x->verdict = compare_verdict(worse_at(s, i, s->alpha / COMPARED_TESTED),
						     x->tolerance);
	}
}

static void fill(struct setting *s, unsigned metric)
{
	const struct tolerance *t = &s->a->params->tolerances[metric];
	struct comparison *x = &s->all[metric];
	double scale = s->run.sum.planned_rps / s->base.sum.planned_rps;
	bool scaled = metric == COMPARED_THROUGHPUT && isfinite(scale) && scale > 0;
	*x = (struct comparison){
		.metric = name_of(metric),
		.baseline = value_of(&s->base, metric),
		.run = value_of(&s->run, metric),
		.scale = scaled ? scale : 1,
		.decimals = table[metric].decimals,
		.diff = {(double)NAN, (double)NAN},
		.delta = (double)NAN};
	x->tolerance = t->relative ? t->value * x->baseline * x->scale : t->value;
	if (metric == COMPARED_YIELD && isnan(x->run - x->baseline))
		x->tolerance = (double)NAN; /* one of the plans is unknown */
	if (metric >= COMPARED_P50 && metric <= COMPARED_P99)
		x->delta = delta_of_hists(s->run_latency, s->base_latency);
	double *values = values_of_each(s, metric);
	x->between_sd = deviation_of(values, s->bases);
	free(values);
}

void compare_parts(struct comparisons *c, const struct analysis *a, const struct part *parts,
		   size_t count, double alpha)
{
	struct setting s = {.a = a,
			    .bases = count - 1,
			    .all = c->all,
			    .alpha = alpha,
			    .run_latency = hist_new(),
			    .base_latency = hist_new()};
	s.each = mem_alloc(count * sizeof *s.each);
	measure(&s.run, parts, 1, s.run_latency);
	measure(&s.base, parts + 1, s.bases, s.base_latency);
	for (size_t i = 0; i < s.bases; i++)
		measure(&s.each[i], &parts[i + 1], 1, NULL);
	for (unsigned i = 0; i < COMPARED_COUNT; i++)
		fill(&s, i);
	spreads_find(s.spreads, parts, count, &a->baseline.noise);
	judge(&s);
	c->run = s.run.sum;
	c->baseline = s.base.sum;
	c->verdict = COMPARE_PASS;
	for (unsigned i = 0; i < COMPARED_COUNT; i++) {
		struct comparison *x = &c->all[i];
		if (i != COMPARED_P99_ALL)
			x->diff = diff_bounds(&s, i, alpha / COMPARED_TESTED);
		if (isnan(x->tolerance))
			continue;
		if (x->verdict == COMPARE_INCONCLUSIVE && i < COMPARED_TESTED) {
			struct bounds in = within_bounds(&s, i, 2 * alpha / COMPARED_TESTED);
			spread_plan(x, i, &s.spreads[i], worse_at(&s, i, alpha / COMPARED_TESTED),
				    (in.high - in.low) / 2, s.bases, &s.run.sum, alpha / COMPARED_TESTED);
		}
		if (x->verdict == COMPARE_FAIL || c->verdict == COMPARE_PASS)
			c->verdict = x->verdict;
	}
	free(s.each);
	free(s.run_latency);
	free(s.base_latency);
}

struct part *comparison_whole(const struct analysis *a)
{
	struct part *parts = mem_alloc((a->reference_count + 1) * sizeof *parts);
	for (size_t i = 0; i <= a->reference_count; i++) {
		const struct judged *of = i ? &a->references[i - 1] : &a->own;
		parts[i] = (struct part){of, of->from, of->run->grid.count};
	}
	return parts;
}
