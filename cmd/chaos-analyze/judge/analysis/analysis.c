#include "judge/analysis/analysis.h"

#include "judge/analysis/sensitivity.h"

#include "base/buf.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>

/* Windows that start before the end of the warm-up are not counted. */
static size_t warm_from(const struct run_data *r, double warmup_s)
{
	return (size_t)ceil(warmup_s / ns_to_s(r->grid.window_ns) - 1e-9);
}

static void take_baseline(struct analysis *a, const struct run_data *r, size_t from, size_t to, bool own)
{
	a->normal_from = from;
	a->normal_to = to;
	a->normal_own = own;
	a->baseline = (own ? baseline_of_whole : baseline_of)(&r->grid, r->planned, from, to);
	noise_learn(&a->baseline, &r->grid, r->planned, from, to, &a->params->detect);
}

/* Takes the baseline from the baseline run; else from this run before its first fault; else (no
 * fault, or one at once) from the whole run. */
static void find_baseline(struct analysis *a)
{
	const struct run_data *r = a->own.run;
	const struct judged *b = analysis_reference(a);
	size_t from = a->own.from;
	if (b) {
		take_baseline(a, b->run, b->from, b->run->grid.count, false);
		return;
	}
	size_t fault = faults_first(&a->own.faults, ns_to_s(r->grid.window_ns), r->grid.count);
	take_baseline(a, r, from, fault, fault == r->grid.count);
	a->whole_run = a->baseline.windows == 0 && a->own.faults.count;
	if (a->baseline.windows == 0)
		take_baseline(a, r, from, r->grid.count, true);
}

static double rate_ratio(const struct summary *run, const struct summary *baseline)
{
	double ratio = run->planned_rps / baseline->planned_rps;
	return isfinite(ratio) && ratio > 0 ? ratio : 1;
}

void analysis_find_recovery(struct judged *j, size_t healthy_windows)
{
	const struct detection *d = &j->detection;
	const struct grid *g = &j->run->grid;
	j->recovery_s = (double)NAN;
	for (size_t i = 0; i < j->faults.count; i++) {
		/* fmax ignores NaN */
		j->recovery_s = fmax(j->recovery_s, fault_recovery_s(&j->faults.all[i]));
		j->censored = j->censored || j->faults.all[i].after.censored;
	}
	if (j->faults.count || d->judged == 0)
		return;
	j->recovery_s = 0;
	struct recovery r = recovery_after(d, 0, (double)NAN, (double)NAN, healthy_windows);
	double end = (double)(g->end_ns - g->t0_ns) / (double)g->window_ns;
	if (r.affected)
		j->recovery_s = (fmin((double)r.recovered, end) - (double)r.first) * ns_to_s(g->window_ns);
	j->censored = r.censored;
}

static int64_t timeout_of(const struct run_data *r, const struct analysis_params *p)
{
	return r->facts.timeout_ns ? r->facts.timeout_ns : r->waited_ns ? r->waited_ns : p->timeout_ns;
}

static double per_planned(const struct summary *s)
{
	return isfinite(s->planned_rps) ? s->throughput_rps / s->planned_rps : s->throughput_rps;
}

/* The median by throughput; of two in the middle the lower one. */
static size_t middle_of(const struct judged *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t below = 0, equal = 0;
		for (size_t k = 0; k < count; k++) {
			double x = per_planned(&all[i].summary), y = per_planned(&all[k].summary);
			below += y < x;
			equal += !(y < x) && !(y > x);
		}
		if (below <= (count - 1) / 2 && below + equal > (count - 1) / 2)
			return i;
	}
	return 0;
}

/* What a run shows before there is a baseline. */
static void measure(struct judged *j, const struct run_data *run, const struct analysis_params *p)
{
	j->run = run;
	j->timeout_ns = timeout_of(run, p);
	j->from = warm_from(run, p->detect.warmup_s);
	summarize(&j->summary, &run->grid, run->planned, j->from, j->timeout_ns);
	faults_find(&j->faults, &run->facts.log);
}

static void take_references(struct analysis *a, const struct run_data *runs, size_t count)
{
	struct span *spans = mem_alloc((count + 1) * sizeof *spans);
	a->references = mem_alloc((count + 1) * sizeof *a->references);
	a->reference_count = count;
	for (size_t i = 0; i < count; i++) {
		measure(&a->references[i], &runs[i], a->params);
		faults_place(&a->references[i].faults, ns_to_s(runs[i].grid.t0_ns));
		spans[i] = (struct span){&runs[i].grid, runs[i].planned, a->references[i].from, runs[i].grid.count};
	}
	a->middle = middle_of(a->references, count);
	if (count) {
		summarize_spans(&a->baseline_summary, spans, count, a->references[a->middle].timeout_ns);
		a->rate_ratio = rate_ratio(&a->own.summary, &a->baseline_summary);
	}
	free(spans);
}

static double normal_per_s(const struct analysis *a, const struct judged *j)
{
	double by_plan = a->baseline.ok_per_planned * j->summary.planned_rps;
	return isfinite(by_plan) ? by_plan : a->baseline.ok_per_window / ns_to_s(j->run->grid.window_ns);
}

/* What began before there was anything to compare with may have been there all along; and where what is
 * normal is not known, or latency is not judged, nobody can tell that it was not left. */
static void doubt_unknown(const struct analysis *a, struct judged *j)
{
	struct not_judged missing[NOT_JUDGED_MAX];
	const char *lacks = summary_lacks(&j->summary);
	bool left_out = j == &a->own && latency_is_left_out(a);
	bool unknown = left_out || lacks || (j == &a->own && not_judged_of(a, missing));
	for (size_t i = 0; i < j->faults.count; i++) {
		struct judged_fault *x = &j->faults.all[i];
		bool early = fault_begins_s(x) < (double)j->from * x->window_s;
		if (x->after.affected || !(x->at_s >= 0) || (!early && !a->whole_run && !(unknown && x->judged)))
			continue;
		x->judged = false;
		if (!x->unjudged)
			x->unjudged = early	     ? "it began in the warm-up, which is not judged"
				      : a->whole_run ? "nothing before the first fault tells what is normal"
				      : lacks	     ? lacks
				      : left_out     ? "latency is not judged, by --detector or the threshold of errors"
						     : "too few requests tell what is normal";
	}
}

static void judge(const struct analysis *a, struct judged *j)
{
	const struct detect_params *p = &a->params->detect;
	detect(&j->detection, &j->run->grid, j->run->planned, &a->baseline, p);
	faults_follow(&j->faults, j->run, &j->detection, normal_per_s(a, j), p->healthy_windows);
	doubt_unknown(a, j);
	analysis_find_recovery(j, p->healthy_windows);
}

/* The whole run tells what is normal only if it was well for most of it. Without a known fault, what came
 * before the first anomaly tells whether it was: if by that much is anomalous, it is the normal. A run
 * without an anomaly is not judged again, so that chance alarms no more runs. */
static void judge_by_before(struct analysis *a)
{
	const size_t much = 3; /* a share of 1 / much of the windows */
	struct analysis other = *a;
	const struct detection *d = &other.own.detection;
	if (a->own.faults.count || a->reference_count || !d->interval_count)
		return;
	take_baseline(a, a->own.run, a->own.from, d->intervals[0].start, false);
	judge(a, &a->own);
	if (a->baseline.windows < BASELINE_ENOUGH || a->own.detection.anomalous * much < a->own.detection.judged) {
		struct analysis before = *a;
		*a = other;
		other = before;
	}
	detection_release(&other.own.detection);
}

void analyze(struct analysis *a, const struct run_data *run, const struct run_data *baselines,
	     size_t baseline_count, const struct analysis_params *p)
{
	double t0_s = ns_to_s(run->grid.t0_ns);
	*a = (struct analysis){.params = p, .rate_ratio = 1};
	measure(&a->own, run, p);
	faults_add_at(&a->own.faults, p->fault_at, p->fault_at_count, t0_s);
	faults_place(&a->own.faults, t0_s);
	a->own.faults.anyway = p->unsteady;
	if (!p->unsteady)
		faults_find_unsteady(&a->own.faults, run, a->own.from);
	take_references(a, baselines, baseline_count);
	find_baseline(a);
	judge(a, &a->own);
	judge_by_before(a);
	for (size_t i = 0; i < a->reference_count; i++)
		judge(a, &a->references[i]);
}

static void release(struct judged *j)
{
	detection_release(&j->detection);
	faults_release(&j->faults);
}

void analysis_release(struct analysis *a)
{
	for (size_t i = 0; i < a->reference_count; i++)
		release(&a->references[i]);
	free(a->references);
	release(&a->own);
	*a = (struct analysis){0};
}

const struct judged *analysis_reference(const struct analysis *a)
{
	return a->reference_count ? &a->references[a->middle] : NULL;
}

double analysis_throughput_drop_pct(const struct analysis *a)
{
	double normal_rps = a->baseline_summary.throughput_rps * a->rate_ratio;
	if (!a->reference_count || !(normal_rps > 0))
		return (double)NAN;
	return 100 * (1 - a->own.summary.throughput_rps / normal_rps);
}

/* True if the fault was active at that second. */
static bool active_at(const struct judged_fault *f, double s)
{
	double until_s = f->at_s + (f->reverted - (isnan(f->injected) ? f->requested : f->injected));
	return !(until_s <= s); /* true for NaN: never reverted */
}

/* A fault causes no earlier anomaly, but requests in flight at the injection may count in the
 * window before. Among the possible faults, takes the latest, and an active one before one that
 * was reverted. */
const struct judged_fault *analysis_fault_of(const struct analysis *a, const struct interval *i)
{
	const struct judged_fault *found = NULL;
	bool found_active = false;
	for (size_t k = 0; k < a->own.faults.count; k++) {
		const struct judged_fault *f = &a->own.faults.all[k];
		double start_s = (double)i->start * f->window_s;
		/* The fault began before the end of the second window. */
		bool before = fault_begins_s(f) < start_s + 2 * f->window_s;
		bool active = active_at(f, start_s);
		if (!f->after.affected || !before || (i->start >= f->after.recovered && !active))
			continue;
		bool later = !found || f->at_s >= found->at_s;
		if (found && (active != found_active ? !active : !later))
			continue;
		found = f;
		found_active = active;
	}
	return found;
}

/* At most 1; NaN stays NaN, which fmin ignores. */
static double share_of(double part, double whole)
{
	double share = whole > 0 ? part / whole : (double)NAN;
	return share > 1 ? 1 : share;
}

struct availability analysis_availability(const struct analysis *a, const struct judged *of)
{
	const double none = (double)NAN, month_s = 30 * 86400.0, allowed = 1 - a->params->slo;
	const struct summary *s = &of->summary;
	const struct detection *d = &of->detection;
	double planned = s->planned_rps * s->seconds, normal = normal_per_s(a, of), lost = 0;
	double judged_s = (double)d->judged * ns_to_s(of->run->grid.window_ns);
	for (size_t i = 0; i < d->interval_count; i++)
		lost += successes_lost(of->run, d, d->intervals[i].start, d->intervals[i].end);
	double outage_s = normal > 0 && d->judged ? lost / normal : none;
	return (struct availability){
		.request = s->due && !summary_lacks(s) ? (double)s->ok / (double)s->due : none,
		.time = d->judged ? 1 - (double)d->anomalous / (double)d->judged : none,
		.yield = share_of((double)s->ok, planned),
		.yield_of_normal = share_of(s->throughput_rps, normal),
		.outage_equiv_s = outage_s,
		.budget_burned = outage_s / (allowed * month_s),
		.burn_rate = outage_s / judged_s / allowed,
	};
}
