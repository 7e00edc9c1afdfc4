#include "grid/summary.h"

#include "base/units.h"

#include <math.h>
#include <stdlib.h>

const double summary_quantiles[QUANTILE_COUNT] = {0.50, 0.95, 0.99};

static void add_window(struct summary *s, const struct grid_window *w, double window_s)
{
	s->seconds += window_s * (double)w->covered;
	s->due += w->due;
	s->ok += w->ok;
	s->err += w->err;
	for (size_t i = 0; w->classes && i < GRID_CLASSES; i++)
		s->classes[i] += w->classes[i];
}

static void quantiles_of(const struct hist *h, int64_t out_ns[QUANTILE_COUNT])
{
	for (size_t i = 0; i < QUANTILE_COUNT; i++)
		out_ns[i] = hist_quantile_ns(h, summary_quantiles[i]);
}

const char *summary_lacks(const struct summary *s)
{
	return s->no_failures ? "failures: not in this log"
	       : s->no_unanswered ? "requests without an answer: not in this log" : NULL;
}

void summary_rate(struct summary *s)
{
	s->error_rate = s->due && !summary_lacks(s) ? (double)s->err / (double)s->due : (double)NAN;
}

bool span_has(const struct span *s, size_t window)
{
	return window >= s->from && window < s->to && window < s->grid->count &&
	       !s->grid->windows[window].unmeasured && !(s->planned && s->planned[window] <= 0);
}

/* Adds the windows of a span. Returns the requests planned in them; NaN if unknown. */
static double add_span(struct summary *s, const struct span *x, struct hist *h)
{
	double plan = 0;
	for (size_t k = x->from; k < x->to && k < x->grid->count; k++) {
		const struct grid_window *w = &x->grid->windows[k];
		s->lost += w->lost;
		if (!span_has(x, k))
			continue;
		add_window(s, w, ns_to_s(x->grid->window_ns));
		s->completed_ok += w->completed_ok;
		plan += x->planned ? x->planned[k] : (double)NAN;
		grid_latency_add(x->grid, k, k + 1, h);
	}
	return plan;
}

void summary_latencies(struct summary *s, struct hist *h, int64_t timeout_ns)
{
	quantiles_of(h, s->latency_ns);
	s->max_latency_ns = h->total ? h->max_ns : -1;
	bool all_known = h->total == s->ok && !summary_lacks(s); /* counts may come without latencies */
	int64_t failed_ns = timeout_ns > 0 ? timeout_ns : INT64_MAX;
	hist_record_n(h, failed_ns, s->err);
	quantiles_of(h, s->latency_all_ns);
	/* Report the exact timeout: the middle of its bucket would look like a measurement. */
	for (size_t i = 0; i < QUANTILE_COUNT; i++)
		if (!all_known)
			s->latency_all_ns[i] = -1;
		else if (s->err && hist_bucket(s->latency_all_ns[i]) == hist_bucket(failed_ns))
			s->latency_all_ns[i] = timeout_ns > 0 ? timeout_ns : -1;
}

void summarize_spans(struct summary *s, const struct span *spans, size_t count, int64_t timeout_ns)
{
	struct hist *h = hist_new();
	double plan = 0;
	*s = (struct summary){0};
	for (size_t i = 0; i < count; i++) {
		s->no_failures |= spans[i].grid->no_failures;
		s->no_unanswered |= spans[i].grid->no_unanswered;
		plan += add_span(s, &spans[i], h);
	}
	s->throughput_rps = s->seconds > 0 ? (double)s->completed_ok / s->seconds : (double)NAN;
	s->planned_rps = s->seconds > 0 ? plan / s->seconds : (double)NAN;
	summary_rate(s);
	summary_latencies(s, h, timeout_ns);
	free(h);
}

void summarize(struct summary *s, const struct grid *g, const double *planned, size_t from,
	       int64_t timeout_ns)
{
	const struct span all = {g, planned, from, g->count};
	summarize_spans(s, &all, 1, timeout_ns);
}

void spans_latency(const struct span *spans, size_t count, struct hist *out)
{
	hist_init(out);
	for (size_t i = 0; i < count; i++)
		for (size_t k = spans[i].from; k < spans[i].to; k++)
			if (span_has(&spans[i], k))
				grid_latency_add(spans[i].grid, k, k + 1, out);
}
