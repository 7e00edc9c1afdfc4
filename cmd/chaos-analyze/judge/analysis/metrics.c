#include "judge/analysis/metrics.h"
#include "base/units.h"

#include "judge/analysis/audit.h"

#include <math.h>
#include <stdlib.h>

bool metric_is_outage_time(unsigned metric)
{
	return metric == METRIC_RECOVERY || metric == METRIC_BLACKOUT || metric == METRIC_OUTAGE || metric == METRIC_ANOMALOUS ||
	       (metric >= METRIC_AFTER_REVERT && metric < METRIC_OF_FAULTS);
}

bool metric_of_failures(unsigned metric)
{
	return metric == METRIC_ERROR_RATE || metric == METRIC_ERR || metric == METRIC_REQUEST ||
	       (metric >= METRIC_P50_ALL && metric <= METRIC_P99_ALL) || metric == METRIC_FIRST_ERROR ||
	       metric == METRIC_ERRORS_OVER;
}

bool metric_of_sent(unsigned metric)
{
	return metric_of_failures(metric) || metric == METRIC_LOST_REQUESTS || (metric >= METRIC_P50 && metric <= METRIC_MAX);
}

bool metric_from_anomalies(unsigned metric)
{
	return metric_is_outage_time(metric) || metric == METRIC_TIME || metric == METRIC_LOST_REQUESTS ||
	       metric == METRIC_DETECT || metric == METRIC_RELAPSES || metric == METRIC_BUDGET || metric == METRIC_BURN;
}

static double ms(int64_t ns)
{
	return ns < 0 ? (double)NAN : ns_to_ms(ns);
}

double metric_of_summary(const struct summary *s, unsigned metric)
{
	const double values[METRIC_OF_SUMMARIES] = {
		[METRIC_THROUGHPUT] = s->throughput_rps,
		[METRIC_ERROR_RATE] = s->error_rate,
		[METRIC_P50] = ms(s->latency_ns[0]),
		[METRIC_P95] = ms(s->latency_ns[1]),
		[METRIC_P99] = ms(s->latency_ns[2]),
		[METRIC_MAX] = ms(s->max_latency_ns),
		[METRIC_LOST] = (double)s->lost,
		[METRIC_P50_ALL] = ms(s->latency_all_ns[0]),
		[METRIC_P95_ALL] = ms(s->latency_all_ns[1]),
		[METRIC_P99_ALL] = ms(s->latency_all_ns[2]),
		[METRIC_ERR] = s->no_failures ? (double)NAN : (double)s->err,
		[METRIC_DUE] = (double)s->due,
	};
	return values[metric];
}

double metric_of_latencies(const struct hist *h, unsigned metric)
{
	if (metric == METRIC_MAX)
		return ms(h->total ? h->max_ns : -1);
	return ms(hist_quantile_ns(h, summary_quantiles[metric - METRIC_P50]));
}

static double effect_of(const struct judged_fault *f, unsigned metric, double window_s)
{
	bool hit = f->after.affected;
	if (metric == METRIC_BLACKOUT)
		return hit ? f->blackout_s : 0;
	if (metric == METRIC_LOST_REQUESTS)
		return f->lost + (double)f->shares[SHARE_SHARED].err;
	if (metric == METRIC_OUTAGE)
		return hit ? f->outage_equiv_s : 0;
	if (metric == METRIC_RELAPSES)
		return (double)f->after.relapses;
	if (metric == METRIC_FIRST_ERROR)
		return f->first_error_s - f->at_s;
	return hit ? fmax(0, (double)(f->alarm + 1) * window_s - f->at_s) : (double)NAN;
}

static struct expr_value exactly(double v) /* NaN stays NaN, which fmax ignores */
{
	return (struct expr_value){v, v};
}

/* A time that ends with a recovery; a lower bound if that was not seen. */
static struct expr_value of_recovery(const struct judged_fault *f, unsigned metric)
{
	const struct recovery *r = &f->after;
	const struct trouble *t = metric == METRIC_ERRORS_OVER ? &r->errors : &r->latency;
	double all_s = fault_recovery_s(f), injected = isnan(f->injected) ? f->requested : f->injected;
	if (metric == METRIC_AFTER_REVERT && r->affected && f->ends_with_target)
		; /* it heals itself: from the injection */
	else if (metric == METRIC_AFTER_REVERT && r->affected)
		all_s -= f->reverted - injected;
	else if (metric != METRIC_AFTER_REVERT && !(r->affected && t->seen && !t->over))
		return expr_exactly(fault_trouble_s(f, t));
	return r->censored ? expr_more_than(all_s) : expr_exactly(all_s);
}

struct expr_value metric_of_fault(const struct judged_fault *f, unsigned metric, double window_s)
{
	bool grows = metric != METRIC_DETECT && metric != METRIC_FIRST_ERROR;
	if (metric == METRIC_RECOVERY) {
		double all_s = fault_recovery_s(f);
		return f->after.censored ? expr_more_than(all_s) : expr_exactly(all_s);
	}
	if (metric >= METRIC_AFTER_REVERT)
		return of_recovery(f, metric);
	double effect = effect_of(f, metric, window_s);
	return f->after.censored && grows ? expr_more_than(effect) : expr_exactly(effect);
}

/* The maximum over the faults; a lower bound if a fault had not recovered by the end of the run. */
static struct expr_value of_faults(const struct judged *j, unsigned metric)
{
	const struct faults *f = &j->faults;
	double window_s = ns_to_s(j->run->grid.window_ns);
	bool ends = metric >= METRIC_AFTER_REVERT;
	bool grows = metric != METRIC_DETECT && metric != METRIC_FIRST_ERROR;
	struct expr_value worst = {(double)NAN, (double)NAN}; /* fmax ignores NaN */
	for (size_t i = 0; i < f->count; i++) {
		const struct judged_fault *x = &f->all[i];
		struct expr_value v = ends ? of_recovery(x, metric) : exactly(effect_of(x, metric, window_s));
		worst.low = fmax(worst.low, v.low);
		worst.high = fmax(worst.high, v.high);
	}
	if (isnan(worst.low))
		return expr_unknown();
	return j->censored && grows && !ends ? expr_more_than(worst.low) : worst;
}

static bool is_available(unsigned metric)
{
	return metric == METRIC_REQUEST || metric == METRIC_TIME || metric == METRIC_YIELD || metric == METRIC_BUDGET || metric == METRIC_BURN;
}

/* A metric of a run or baseline run that its summary does not contain. */
static struct expr_value of_course(const struct analysis *a, const struct judged *j, unsigned metric)
{
	const struct availability v = analysis_availability(a, j);
	const double values[] = {[METRIC_REQUEST] = v.request, [METRIC_TIME] = v.time, [METRIC_YIELD] = v.yield,
				 [METRIC_BUDGET] = v.budget_burned, [METRIC_BURN] = v.burn_rate};
	if (metric == METRIC_RECOVERY)
		return j->censored ? expr_more_than(j->recovery_s) : expr_exactly(j->recovery_s);
	if (metric == METRIC_LOST_WRITES)
		return audit_lost_writes(j->run);
	if (metric == METRIC_ANOMALOUS)
		return expr_exactly((double)j->detection.anomalous * ns_to_s(j->run->grid.window_ns));
	return is_available(metric) ? expr_exactly(values[metric]) : of_faults(j, metric);
}

/* The mean over the baseline runs. */
static struct expr_value of_references(const struct analysis *a, unsigned metric)
{
	struct expr_value mean = {0, 0};
	double n = (double)a->reference_count;
	for (size_t i = 0; i < a->reference_count; i++) {
		struct expr_value x = of_course(a, &a->references[i], metric);
		mean.low += x.low / n;
		mean.high += x.high / n;
	}
	return mean;
}

/* Where requests without an answer are missing, as many failures at least. */
static struct expr_value of_summary(const struct summary *s, unsigned metric)
{
	double v = metric_of_summary(s, metric);
	if (s->no_unanswered && !s->no_failures && metric == METRIC_ERROR_RATE && s->due)
		return (struct expr_value){(double)s->err / (double)s->due, 1};
	return s->no_unanswered && metric == METRIC_ERR ? (struct expr_value){v, (double)INFINITY} : expr_exactly(v);
}

struct expr_value metric_of_run(const void *context, unsigned metric, bool baseline)
{
	const struct analysis *a = ((const struct metric_context *)context)->a;
	if (baseline && !a->reference_count)
		return expr_unknown();
	if (metric < METRIC_OF_SUMMARIES)
		return of_summary(baseline ? &a->baseline_summary : &a->own.summary, metric);
	if (metric == METRIC_DROP)
		return expr_exactly(analysis_throughput_drop_pct(a));
	if (baseline)
		return of_references(a, metric);
	return of_course(a, &a->own, metric);
}

struct expr_value metric_of_window(const void *context, unsigned metric, bool baseline)
{
	const struct metric_context *c = context;
	const struct grid *g = &c->a->own.run->grid;
	const struct grid_window *w = &g->windows[c->window];
	if (baseline || metric >= METRIC_OF_WINDOWS)
		return metric_of_run(context, metric, baseline);
	if (metric == METRIC_THROUGHPUT)
		return expr_exactly(w->completed_ok / (ns_to_s(g->window_ns) * (double)w->covered));
	if (metric == METRIC_ERROR_RATE)
		return !w->due || g->no_failures ? expr_unknown()
		       : (struct expr_value){grid_error_rate(w), g->no_unanswered ? 1 : grid_error_rate(w)};
	if (metric == METRIC_LOST)
		return expr_exactly(w->lost);
	struct hist *h = hist_new();
	grid_latency(g, c->window, h);
	double latency_ms = metric_of_latencies(h, metric);
	free(h);
	return expr_exactly(latency_ms);
}

void metric_set_value(struct json *j, const char *key, struct expr_value v)
{
	json_set_round(j, key, v.low >= v.high ? v.low : (double)NAN, 6);
}
