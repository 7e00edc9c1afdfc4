#include "judge/compare/spreads.h"

#include "base/buf.h"
#include "grid/pack.h"

#include <math.h>
#include <stdlib.h>

/* The quantile of a part's latencies, in ns. */
static int64_t quantile_of(const struct part *p, double q)
{
	const struct span span = {&p->of->run->grid, p->of->run->planned, p->from, p->to};
	struct hist *h = hist_new();
	spans_latency(&span, 1, h);
	int64_t ns = hist_quantile_ns(h, q);
	free(h);
	return ns;
}

/* The count of a window, and the requests that it is a share of. */
static double count_of(const struct grid_window *w, enum compared metric, int64_t slow_ns, double *of)
{
	*of = metric == COMPARED_ERROR_RATE ? w->due : w->ok;
	if (metric == COMPARED_ERROR_RATE)
		return w->err;
	return (double)hist_packed_above(w->packed, hist_bucket(slow_ns));
}

static void count_windows(struct counted *c, double *x, double *expected, const struct part *p,
			  enum compared metric, int64_t slow_ns)
{
	const struct span span = {&p->of->run->grid, p->of->run->planned, p->from, p->to};
	double sum = 0, all = 0;
	*c = (struct counted){x, expected, 0};
	for (size_t k = p->from; k < p->to && k < p->of->run->grid.count; k++) {
		const struct grid_window *w = &p->of->run->grid.windows[k];
		const struct judgement *j = &p->of->detection.windows[k];
		if (!span_has(&span, k) || (j->anomalous && !j->served) || !(w->covered >= 1))
			continue;
		if (metric == COMPARED_THROUGHPUT) {
			x[c->n] = w->completed_ok;
			expected[c->n] = p->of->run->planned ? p->of->run->planned[k] : 1;
		} else {
			x[c->n] = count_of(w, metric, slow_ns, &expected[c->n]);
		}
		sum += x[c->n];
		all += expected[c->n++];
	}
	for (size_t i = 0; i < c->n && all > 0; i++)
		expected[i] *= sum / all;
}

static bool is_quantile(enum compared metric)
{
	return metric >= COMPARED_P50 && metric <= COMPARED_P99;
}

static struct spread spread_of_metric(const struct part *parts, size_t count,
				      enum compared metric, double least,
				      const struct spread *like)
{
	double q = is_quantile(metric) ? summary_quantiles[metric - COMPARED_P50] : 0;
	/* Counts of a share p of independent requests vary by 1 - p of what Poisson's do. */
	double binomial = is_quantile(metric) ? q : 1;
	struct counted *all = mem_alloc((count + 1) * sizeof *all);
	double **values = mem_alloc((2 * count + 1) * sizeof *values);
	for (size_t i = 0; i < count; i++) {
		size_t room = parts[i].of->run->grid.count + 1;
		values[2 * i] = mem_alloc(room * sizeof **values);
		values[2 * i + 1] = mem_alloc(room * sizeof **values);
		int64_t slow_ns = is_quantile(metric) ? quantile_of(&parts[i], q) : 0;
		count_windows(&all[i], values[2 * i], values[2 * i + 1], &parts[i], metric, slow_ns);
	}
	struct spread s = spread_of(all, count, binomial, least, &spread_between_runs, like);
	for (size_t i = 0; i < 2 * count; i++)
		free(values[i]);
	free(values);
	free(all);
	return s;
}

/* How long levels last shows best in the median latency; failures have causes of their own. */
void spreads_find(struct spread *out, const struct part *parts, size_t count, const struct noise *n)
{
	static const enum compared order[COMPARED_TESTED] = {
		COMPARED_P50, COMPARED_THROUGHPUT, COMPARED_P95, COMPARED_P99, COMPARED_ERROR_RATE};
	for (size_t i = 0; i < COMPARED_TESTED; i++) {
		bool regular = order[i] == COMPARED_THROUGHPUT && n->windows;
		bool alone = order[i] == COMPARED_P50 || order[i] == COMPARED_ERROR_RATE;
		out[order[i]] = spread_of_metric(parts, count, order[i], regular ? n->dispersion_1 : 1,
						 alone ? NULL : &out[COMPARED_P50]);
	}
}

/* That decide in four of five cases; 0: more than anybody makes. */
static size_t baselines_needed(double sd, double away, size_t from, double alpha)
{
	const double four_of_five = 0.84; /* of the normal distribution */
	for (size_t n = from; n <= COMPARE_BASELINES_MANY; n++)
		if ((critical_value(alpha, n - 1) + four_of_five) * sd * sqrt(1 + 1 / (double)n) <= away)
			return n;
	return 0;
}

/* More than chance makes of runs that vary only within: chi-squared at 1 of 20, by Wilson and Hilferty. */
static bool runs_differ(double between, double within, size_t freedom)
{
	double part = 2.0 / 9 / (double)freedom;
	return between * between > within * within * pow(1 - part + 1.645 * sqrt(part), 3);
}

void spread_plan(struct comparison *x, enum compared metric, const struct spread *s,
		 struct bounds worse, double within, size_t baselines, const struct summary *run,
		 double alpha)
{
	const double longer = 20;
	double diff = x->run - x->baseline * x->scale, t = spread_half(s, alpha);
	double by = worse.low <= diff && diff <= worse.high ? diff : -diff;
	double away = fmax(fabs(x->tolerance - by), x->tolerance / 2);
	double half = by <= x->tolerance && isfinite(worse.high) ? worse.high - by : by - worse.low;
	x->looks_worse = by > x->tolerance;
	if (!(away > 0))
		return;
	if (baselines >= 3) {
		x->decide_baselines = baselines_needed(x->between_sd, away, baselines + 1, alpha);
		x->undecidable = !x->decide_baselines;
		x->differs = x->undecidable && runs_differ(x->between_sd * sqrt(1 + 1 / (double)baselines),
							   within / t, baselines - 1);
		if (!x->undecidable || x->differs)
			return;
		if (s->lasting) {
			x->learn_s = run->seconds * longer;
		} else if (isfinite(half)) {
			x->decide_s = run->seconds * fmax(1.2, half * half / away / away);
			x->undecidable = false;
		}
		return;
	}
	if (s->lasting) { /* how long, such runs cannot tell */
		x->decide_baselines = baselines_needed(half / critical_value(alpha, 0) / sqrt(2), away, 3, alpha);
		x->undecidable = !x->decide_baselines;
		x->learn_s = x->undecidable ? run->seconds * longer : 0;
	} else if (isfinite(half)) {
		x->decide_s = run->seconds * fmax(1.2, half * half / away / away);
	} else if (is_quantile(metric)) {
		/* Too few requests beyond the quantile: the bound is to be halfway to the largest. */
		double q = summary_quantiles[metric - COMPARED_P50];
		x->decide_s = run->seconds * 4 * t * t * q / (1 - q) / (double)run->ok;
	}
}
