#include "output/analysis_json.h"

#include "base/buf.h"
#include "base/units.h"
#include "output/json_parts.h"
#include "report/finding/finding.h"
#include "judge/analysis/audit.h"
#include "judge/analysis/sensitivity.h"
#include "stream/json.h"

#include <math.h>
#include <stdlib.h>

/* All whole seconds that an anomaly touches; the end is inclusive. Intervals with no other second
 * between them, as of windows shorter than one, are one row of seconds. */
static struct json *anomaly_windows(const struct detection *d, const struct grid *g)
{
	struct json *all = json_array_new(), *last = NULL;
	int64_t last_s = -2;
	for (size_t i = 0; i < d->interval_count; i++) {
		int64_t from_s = (int64_t)d->intervals[i].start * g->window_ns / NS_PER_S;
		int64_t to_s = ((int64_t)d->intervals[i].end * g->window_ns - 1) / NS_PER_S;
		if (from_s > last_s + 1) {
			last = json_object_new();
			json_set_int(last, "start_sec", from_s);
			json_push(all, last);
		}
		json_set_int(last, "end_sec", to_s);
		last_s = to_s;
	}
	return all;
}

struct json *reasons_json(unsigned set)
{
	struct json *all = json_array_new();
	if (set & REASON_THROUGHPUT)
		json_push_str(all, "throughput");
	if (set & REASON_ERRORS)
		json_push_str(all, "errors");
	if (set & REASON_LATENCY)
		json_push_str(all, "latency");
	if (set & REASON_SILENCE)
		json_push_str(all, "silence");
	return all;
}

/* The 99th percentile of an interval's successes / that of the baseline. */
static double p99_ratio(const struct analysis *a, const struct interval *x)
{
	int64_t normal_ns = a->baseline.noise.p99_ns;
	struct hist *h = hist_new();
	grid_latency_add(&a->own.run->grid, x->start, x->end, h);
	double ns = (double)hist_quantile_ns(h, 0.99);
	free(h);
	return ns >= 0 && normal_ns > 0 ? ns / (double)normal_ns : (double)NAN;
}

static struct json *intervals(const struct analysis *a)
{
	const struct grid *g = &a->own.run->grid;
	struct json *all = json_array_new();
	for (size_t i = 0; i < a->own.detection.interval_count; i++) {
		const struct interval *x = &a->own.detection.intervals[i];
		const struct judged_fault *f = analysis_fault_of(a, x);
		struct json *j = json_object_new();
		put_span(j, "start_s", g, x->start);
		put_span(j, "end_s", g, x->end);
		json_set(j, "reasons", reasons_json(x->reasons));
		json_set_round(j, "min_ratio", x->min_ratio, 4);
		json_set_round(j, "max_error_rate", grid_lacks(g) ? (double)NAN : x->max_error_rate, 6);
		json_set_str(j, "fault", f ? f->uid : NULL);
		put_span(j, "detected_s", g, x->alarm + 1);
		json_set_round(j, "log_evidence", x->evidence, 1);
		json_set_round(j, "silence_s", x->silent_s, 3);
		json_set_round(j, "p99_ratio", p99_ratio(a, x), 3);
		json_push(all, j);
	}
	return all;
}

static struct json *baseline(const struct analysis *a)
{
	struct json *j = json_object_new();
	json_set_str(j, "source", a->reference_count ? "run" : a->whole_run ? "whole_run" : "self");
	put_span(j, "seconds", &a->own.run->grid, a->baseline.windows);
	json_set_round(j, "throughput_rps", a->baseline.ok_per_window / ns_to_s(a->own.run->grid.window_ns), 3);
	json_set_round(j, "ok_per_planned", a->baseline.ok_per_planned, 6);
	json_set_round(j, "rate_ratio", a->rate_ratio, 6);
	const struct noise *n = &a->baseline.noise;
	bool known = n->windows > 0;
	json_set_round(j, "dispersion", known ? n->dispersion : (double)NAN, 3);
	json_set_round(j, "error_rate", known && !summary_lacks(&a->own.summary) ? n->error_rate : (double)NAN, 6);
	json_set_round(j, "slow_ms", n->slow_ns > 0 ? ns_to_ms(n->slow_ns) : (double)NAN, 3);
	json_set_round(j, "p99_latency_ms", n->p99_ns > 0 ? ns_to_ms(n->p99_ns) : (double)NAN, 3);
	return j;
}

static struct json *sensitivity(const struct analysis *a)
{
	const struct sensitivity s = sensitivity_of(a);
	struct json *j = json_object_new();
	json_set_round(j, "shortest_outage_s", s.shortest_outage_s, 3);
	json_set_round(j, "false_alarm_bound", s.false_alarm_bound, 4);
	json_set_bool(j, "baseline_short", s.baseline_short);
	json_set_bool(j, "baseline_unstable", s.baseline_unstable);
	json_set_bool(j, "generator_unsound", s.generator_unsound);
	json_set_bool(j, "closed_loop", s.closed_loop);
	json_set_bool(j, "baseline_unsound", s.baseline_unsound);
	json_set_bool(j, "may_be_chance", s.may_be_chance);
	json_set_bool(j, "baseline_unhealthy", s.baseline_unhealthy);
	return j;
}

static void add_not_judged(struct json *list, const char *what, const char *load, const char *fault, const char *reason)
{
	struct json *j = json_object_new();
	json_set_str(j, "what", what);
	json_set_str(j, "load", load);
	json_set_str(j, "fault", fault);
	json_set_str(j, "reason", reason);
	json_push(list, j);
}

static struct json *not_judged(const struct analysis *a, const char *load)
{
	struct not_judged all[NOT_JUDGED_MAX];
	struct json *list = json_array_new();
	size_t n = not_judged_of(a, all);
	for (size_t i = 0; i < n; i++)
		add_not_judged(list, all[i].what, load, NULL, all[i].reason);
	if (summary_lacks(&a->own.summary))
		add_not_judged(list, "errors", load, NULL, summary_lacks(&a->own.summary));
	if (sensitivity_much_unread(a))
		add_not_judged(list, "errors", load, NULL, "more than 1 % of the rows could not be read or placed in time: they may be those that failed");
	if (sensitivity_events_unread(a))
		add_not_judged(list, "faults", load, NULL, "more than 1 % of the lines of the events are no events: they may have told of faults");
	if (sensitivity_contradictory(a))
		add_not_judged(list, "errors", load, NULL, "rows of one slot contradict each other: which is true is unknown");
	if (a->own.run->parts_missed)
		add_not_judged(list, "errors", load, NULL, "parts of the log are missing: what they held is unknown");
	if (a->own.run->no_end)
		add_not_judged(list, "latency", load, NULL, "when requests ended is not in this log: a hang may not show");
	if (sensitivity_of(a).waited)
		add_not_judged(list, "requests not sent", load, NULL, "closed loop: fewer were sent in the outage; failures and latency are at least these");
	if (audit_in_doubt(a->own.run))
		add_not_judged(list, "lost_writes", load, NULL, audit_why_unknown(a->own.run));
	for (size_t i = 0; i < a->own.faults.count; i++)
		if (a->own.faults.all[i].unjudged)
			add_not_judged(list, "fault", load, a->own.faults.all[i].uid, a->own.faults.all[i].unjudged);
		else if (a->own.faults.all[i].unseen)
			add_not_judged(list, "recovery", load, a->own.faults.all[i].uid, "the load ended before the fault was lifted");
	return list;
}

/* The keys of the first version of the format. */
static void set_findings(struct json *j, const struct analysis *a, const struct options *o)
{
	const struct judged *b = analysis_reference(a);
	json_set_str(j, "schema", "chaos-analyze/1");
	json_set_str(j, "run_id", o->run_id);
	json_set_str(j, "baseline_id", b ? b->run->source->id : NULL);
	json_set(j, "run_summary", summary_json(&a->own.summary, a->own.timeout_ns));
	json_set(j, "baseline_summary",
		 b ? summary_json(&a->baseline_summary, b->timeout_ns) : NULL);
	json_set_round(j, "throughput_drop_pct", analysis_throughput_drop_pct(a), 3);
	json_set(j, "anomaly_windows", anomaly_windows(&a->own.detection, &a->own.run->grid));
	json_set_round(j, "recovery_time_sec", a->own.censored ? (double)NAN : a->own.recovery_s, 3);
	json_set_bool(j, "censored", a->own.censored);
	json_set_round(j, "recovery_lower_bound_s", a->own.censored ? a->own.recovery_s : (double)NAN, 3);
	json_set(j, "intervals", intervals(a));
	json_set(j, "faults", faults_json(a, &o->config));
}

static struct json *finding_json(const struct finding *f, const struct options *o)
{
	const struct analysis *a = &f->analysis;
	struct json *j = json_object_new();
	set_findings(j, a, o);
	json_set(j, "availability", availability_json(a, &a->own));
	json_set(j, "nodes", nodes_json(&a->own.run->nodes, false, &a->own.run->grid, &o->config));
	json_set(j, "baseline", baseline(a));
	json_set(j, "compare", compare_json(&f->judgements));
	json_set(j, "sensitivity", sensitivity(a));
	json_set(j, "not_judged", not_judged(a, f->load));
	json_set(j, "verdict", gates_json(&f->gates, a, &f->judgements));
	json_set(j, "input", input_json(a));
	json_set(j, "params", params_json(a));
	json_set(j, "baselines", baselines_json(a));
	json_set(j, "phases", phases_json(a, &f->judgements));
	json_set(j, "comparison", comparison_json(a, &f->judgements));
	json_set(j, "ops", nodes_json(&a->own.run->ops, true, &a->own.run->grid, &o->config));
	json_set(j, "shared", shared_json(a));
	return j;
}

static struct json *loads_json(const struct finding *all, size_t count, const struct options *o)
{
	struct json *loads = json_object_new();
	for (size_t i = 0; i < count; i++)
		json_set(loads, all[i].load, finding_json(&all[i], o));
	return join_json(loads);
}

/* How the scenario says that it ended; NULL if it does not. */
static struct json *run_end(const struct event_log *log)
{
	static const char *const keys[] = {"reason", "message", "signal", "exit"};
	struct json *j = NULL;
	for (size_t i = 0; i < log->count && !j; i++) {
		if (log->events[i].kind != EVENT_RUN_END)
			continue;
		j = json_object_new();
		for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
			const struct json *its = json_get(log->events[i].json, keys[k]);
			json_set(j, keys[k], its ? json_clone(its) : NULL);
		}
	}
	if (event_log_cut_off(log)) {
		j = json_object_new();
		json_set_str(j, "reason", "cut_off");
		json_set_str(j, "message", "the run was cut off, or goes on: its events have no run_end");
		json_set(j, "signal", NULL);
		json_set(j, "exit", NULL);
	}
	return j;
}

struct json *analysis_json(const struct finding *all, size_t count, const struct expectations *x, int code,
			   const struct options *o)
{
	struct json *j = count == 1 ? finding_json(all, o) : loads_json(all, count, o);
	struct json *end = run_end(&all[0].analysis.own.run->facts.log);
	json_set_str(j, "outcome", report_outcome(exit_worse(code, (int)json_num(json_get(end, "exit"), EXIT_OK))));
	json_set(j, "expectations", expectations_json(x));
	json_set(j, "run_end", end);
	if (all[0].analysis.own.run->audit)
		json_set(j, "audit", audit_json(all[0].analysis.own.run));
	return j;
}
