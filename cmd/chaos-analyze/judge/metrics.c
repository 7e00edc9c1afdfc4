#include "base/buf.h"
#include "base/units.h"
#include "judge/sensitivity.h"

#include <math.h>
#include <stdlib.h>

enum metric {
	THROUGHPUT, ERROR_RATE, P50, P95, P99, MAX, LOST_ROWS,
	P50_ALL, P95_ALL, P99_ALL, ERR, DUE,
	RECOVERY, DROP, REQUEST, TIME, YIELD, BLACKOUT, LOST_REQUESTS, OUTAGE, DETECT, FIRST_ERROR,
	RELAPSES, ANOMALOUS, BUDGET, BURN,
};

const char *const metric_names[] = {
	[THROUGHPUT] = "throughput_rps",
	[ERROR_RATE] = "error_rate",
	[P50] = "p50_latency_ms",
	[P95] = "p95_latency_ms",
	[P99] = "p99_latency_ms",
	[MAX] = "max_latency_ms",
	[LOST_ROWS] = "lost",
	[P50_ALL] = "p50_all_ms",
	[P95_ALL] = "p95_all_ms",
	[P99_ALL] = "p99_all_ms",
	[ERR] = "err",
	[DUE] = "due",
	[RECOVERY] = "recovery_time_sec",
	[DROP] = "throughput_drop_pct",
	[REQUEST] = "availability.request",
	[TIME] = "availability.time",
	[YIELD] = "availability.yield",
	[BLACKOUT] = "blackout_s",
	[LOST_REQUESTS] = "lost_requests",
	[OUTAGE] = "outage_equiv_s",
	[DETECT] = "time_to_detect_s",
	[FIRST_ERROR] = "time_to_first_error_s",
	[RELAPSES] = "relapses",
	[ANOMALOUS] = "anomalous_s",
	[BUDGET] = "budget_burned",
	[BURN] = "burn_rate",
	NULL,
};
_Static_assert((int)P50_ALL == METRIC_WINDOW_COUNT && (int)RECOVERY == METRIC_SUMMARY_COUNT,
	       "as declared");

bool metric_is_of_two(unsigned metric)
{
	return metric == DROP;
}

bool metric_is_outage_time(unsigned metric)
{
	return metric == RECOVERY || metric == BLACKOUT || metric == OUTAGE || metric == ANOMALOUS;
}

bool metric_from_anomalies(unsigned metric)
{
	return metric_is_outage_time(metric) || metric == TIME || metric == LOST_REQUESTS ||
	       metric == DETECT || metric == RELAPSES || metric == BUDGET || metric == BURN;
}

static double ms(int64_t ns)
{
	return ns < 0 ? (double)NAN : ns_to_ms(ns);
}

double metric_of_summary(const struct summary *s, unsigned metric)
{
	const double values[METRIC_SUMMARY_COUNT] = {
		[THROUGHPUT] = s->throughput_rps,
		[ERROR_RATE] = s->error_rate,
		[P50] = ms(s->latency_ns[0]),
		[P95] = ms(s->latency_ns[1]),
		[P99] = ms(s->latency_ns[2]),
		[MAX] = ms(s->max_latency_ns),
		[LOST_ROWS] = (double)s->lost,
		[P50_ALL] = ms(s->latency_all_ns[0]),
		[P95_ALL] = ms(s->latency_all_ns[1]),
		[P99_ALL] = ms(s->latency_all_ns[2]),
		[ERR] = (double)s->err,
		[DUE] = (double)s->due,
	};
	return values[metric];
}

static double of_fault(const struct fault *f, unsigned metric, double window_s)
{
	bool hit = f->after.affected;
	if (metric == BLACKOUT)
		return hit ? f->blackout_s : 0;
	if (metric == LOST_REQUESTS)
		return f->lost;
	if (metric == OUTAGE)
		return hit ? f->outage_equiv_s : 0;
	if (metric == RELAPSES)
		return (double)f->after.relapses;
	if (metric == FIRST_ERROR)
		return f->first_error_s - f->at_s;
	return hit ? (double)(f->alarm + 1) * window_s - f->at_s : (double)NAN;
}

/* The worst over the faults. What went on at the end of the run is a lower bound. */
static struct expr_value of_faults(const struct faults *f, const struct outcome *o, unsigned metric,
				   double window_s)
{
	double worst = (double)NAN;
	for (size_t i = 0; i < f->count; i++)
		worst = fmax(worst, of_fault(&f->all[i], metric, window_s));
	bool grows = metric != DETECT && metric != FIRST_ERROR;
	return o->censored && grows ? expr_more_than(worst) : expr_exactly(worst);
}

static bool is_available(unsigned metric)
{
	return metric == REQUEST || metric == TIME || metric == YIELD || metric == BUDGET || metric == BURN;
}

/* Of a run, or a baseline run, what is not in its summary. */
static struct expr_value of_course(const struct availability *v, const struct detection *d,
				   const struct faults *f, const struct outcome *o, unsigned metric,
				   double window_s)
{
	const double values[] = {[REQUEST] = v->request, [TIME] = v->time, [YIELD] = v->yield,
				 [BUDGET] = v->budget_burned, [BURN] = v->burn_rate};
	if (metric == RECOVERY)
		return o->censored ? expr_more_than(o->recovery_s) : expr_exactly(o->recovery_s);
	if (metric == ANOMALOUS)
		return expr_exactly((double)d->anomalous * window_s);
	return is_available(metric) ? expr_exactly(values[metric])
				    : of_faults(f, o, metric, window_s);
}

/* The mean over the baseline runs. */
static struct expr_value of_references(const struct analysis *a, unsigned metric)
{
	struct expr_value mean = {0, 0};
	double n = (double)a->reference_count;
	for (size_t i = 0; i < a->reference_count; i++) {
		const struct reference *r = &a->references[i];
		const struct availability v = analysis_availability_of(a, r);
		struct expr_value x = of_course(&v, &r->detection, &r->faults, &r->outcome, metric,
						ns_to_s(r->run->grid.window_ns));
		mean.low += x.low / n;
		mean.high += x.high / n;
	}
	return a->reference_count ? mean : expr_unknown();
}

struct expr_value metric_of_run(const void *context, unsigned metric, bool baseline)
{
	const struct analysis *a = ((const struct metric_context *)context)->a;
	if (metric < METRIC_SUMMARY_COUNT)
		return expr_exactly(metric_of_summary(baseline ? &a->baseline_summary : &a->summary, metric));
	if (metric == DROP)
		return expr_exactly(analysis_throughput_drop_pct(a));
	if (baseline)
		return of_references(a, metric);
	const struct availability v = analysis_availability(a);
	return of_course(&v, &a->detection, &a->faults, &a->outcome, metric,
			 ns_to_s(a->run->grid.window_ns));
}

struct expr_value metric_of_window(const void *context, unsigned metric, bool baseline)
{
	const struct metric_context *c = context;
	const struct grid *g = &c->a->run->grid;
	const struct grid_window *w = &g->windows[c->window];
	if (baseline || metric >= METRIC_WINDOW_COUNT)
		return metric_of_run(context, metric, baseline);
	if (metric == THROUGHPUT)
		return expr_exactly(w->completed_ok / (ns_to_s(g->window_ns) * (double)w->covered));
	if (metric == ERROR_RATE)
		return expr_exactly(w->due ? grid_error_rate(w) : (double)NAN);
	if (metric == LOST_ROWS)
		return expr_exactly(w->lost);
	struct hist *h = mem_alloc(sizeof *h);
	grid_latency(g, c->window, h);
	int64_t ns = metric == MAX ? (h->total ? h->max_ns : -1)
				   : hist_quantile_ns(h, summary_quantiles[metric - P50]);
	free(h);
	return expr_exactly(ms(ns));
}
