#include "stat/summary.h"

#include "base/buf.h"
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

static void quantiles(const struct hist *h, int64_t out_ns[QUANTILE_COUNT])
{
	for (size_t i = 0; i < QUANTILE_COUNT; i++)
		out_ns[i] = hist_quantile_ns(h, summary_quantiles[i]);
}

void summarize(struct summary *s, const struct grid *g, const double *planned, size_t from,
	       int64_t timeout_ns)
{
	struct hist *h = mem_alloc(sizeof *h);
	uint64_t completed = 0;
	double plan = 0;
	*s = (struct summary){0};
	for (size_t k = from; k < g->count; k++) {
		const struct grid_window *w = &g->windows[k];
		s->lost += w->lost;
		if (w->unmeasured || (planned && planned[k] <= 0))
			continue;
		add_window(s, w, ns_to_s(g->window_ns));
		completed += w->completed_ok;
		plan += planned ? planned[k] : (double)NAN;
		grid_latency_add(g, k, k + 1, h);
	}
	s->completed_ok = completed;
	s->throughput_rps = s->seconds > 0 ? (double)completed / s->seconds : (double)NAN;
	s->planned_rps = s->seconds > 0 ? plan / s->seconds : (double)NAN;
	s->error_rate = s->due ? (double)s->err / (double)s->due : (double)NAN;
	quantiles(h, s->latency_ns);
	s->max_latency_ns = h->total ? h->max_ns : -1;
	hist_record_n(h, timeout_ns, s->err);
	quantiles(h, s->latency_all_ns);
	/* The timeout is known exactly; its bucket's middle would look like a measurement. */
	for (size_t i = 0; s->err && i < QUANTILE_COUNT; i++)
		if (hist_bucket(s->latency_all_ns[i]) == hist_bucket(timeout_ns))
			s->latency_all_ns[i] = timeout_ns;
	free(h);
}

void summary_bounds(const struct grid *g, const double *planned, size_t from, double dispersion,
		    double z, struct bounds out[QUANTILE_COUNT])
{
	struct hist *h = mem_alloc(sizeof *h);
	for (size_t k = from; k < g->count; k++)
		if (!g->windows[k].unmeasured && !(planned && planned[k] <= 0))
			grid_latency_add(g, k, k + 1, h);
	for (size_t i = 0; i < QUANTILE_COUNT; i++)
		out[i] = quantile_bounds(h, summary_quantiles[i], dispersion, z);
	free(h);
}
