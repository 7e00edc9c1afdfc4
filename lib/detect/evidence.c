#include "detect/sequential.h"

#include "base/buf.h"
#include "base/units.h"
#include "grid/pack.h"

#include <math.h>
#include <stdlib.h>

static struct evidence evidence_new(size_t n)
{
	return (struct evidence){
		.score = mem_alloc((n + 1) * sizeof(double)),
		.margin = mem_alloc((n + 1) * sizeof(double)),
		.count = mem_alloc((n + 1) * sizeof(double)),
		.certain = mem_alloc((n + 1) * sizeof(bool)),
		.min_windows = 1,
	};
}

void evidence_release(struct evidence *e)
{
	free(e->score);
	free(e->margin);
	free(e->count);
	free(e->certain);
	*e = (struct evidence){0};
}

struct evidence evidence_of_throughput(const struct detection *d, const struct grid *g,
				       const struct baseline *b, const struct detect_params *p)
{
	const double far = 6; /* standard deviations */
	struct evidence e = evidence_new(d->count);
	double drop = fmin(p->throughput_drop, 0.999), slope = log(1 / (1 - drop));
	for (size_t k = 0; k < d->count; k++) {
		const struct judgement *j = &d->windows[k];
		double ok = g->windows[k].completed_ok, want = j->expected;
		if (!j->judged || !(want > 0) || p->throughput_drop >= 1)
			continue;
		e.score[k] = (drop * want - ok * slope) / b->noise.dispersion;
		e.margin[k] = (1 - drop) * want - ok;
		double sd = sqrt(fmax(1, b->noise.dispersion_1) * want);
		e.certain[k] = e.margin[k] > 0 && want - ok >= far * sd;
	}
	return e;
}

/* bad in n trials; p0: normal probability, p1: the one to detect, practical: the one that matters. */
static void add_bernoulli(struct evidence *e, size_t k, double bad, double n, double p0, double p1,
			  double practical, double dispersion)
{
	p1 = fmin(p1, 0.99);
	p0 = fmin(p0, 0.95 * p1);
	e->score[k] = (bad * log(p1 / p0) + (n - bad) * log((1 - p1) / (1 - p0))) / dispersion;
	e->margin[k] = bad - practical * n;
	e->count[k] = bad;
}

struct evidence evidence_of_errors(const struct detection *d, const struct grid *g,
				   const struct baseline *b, const struct detect_params *p)
{
	const double least = 1e-4; /* if the threshold is 0 */
	struct evidence e = evidence_new(d->count);
	double p0 = b->noise.error_rate, p1 = fmax(p->error_rate, 3 * p0);
	double dispersion = b->noise.error_dispersion;
	if (baseline_errors_unknown(b, p)) {
		p0 = fmax(p->error_rate / 2, least);
		p1 = fmax(p->error_rate, 2 * p0);
		/* the dispersion of constant failures says nothing about a healthy system */
		dispersion = 1;
	}
	e.min_count = 3;
	for (size_t k = 0; k < d->count && p->error_rate < 1; k++) {
		const struct grid_window *w = &g->windows[k];
		if (d->windows[k].judged)
			add_bernoulli(&e, k, w->err, w->due, p0, p1, p->error_rate, dispersion);
	}
	return e;
}

struct evidence evidence_of_latency(const struct detection *d, const struct grid *g,
				    const struct baseline *b, const struct detect_params *p)
{
	struct evidence e = evidence_new(d->count);
	const struct noise *n = &b->noise;
	double p1 = fmax(p->error_rate, 3 * n->slow_rate);
	e.min_count = 3;
	/* A single stall is not a slow-down. */
	e.min_windows = (size_t)fmin(3, ceil(3.0 * (double)NS_PER_S / (double)g->window_ns));
	for (size_t k = 0; k < d->count && n->slow_ns > 0 && p->error_rate < 1; k++) {
		const struct grid_window *w = &g->windows[k];
		if (d->windows[k].judged)
			add_bernoulli(&e, k, (double)hist_packed_above(w->packed, hist_bucket(n->slow_ns)),
				      w->ok, n->slow_rate, p1, p->error_rate, n->slow_dispersion);
	}
	return e;
}
