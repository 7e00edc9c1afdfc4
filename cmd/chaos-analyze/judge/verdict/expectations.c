#include "judge/verdict/expectations.h"

#include "judge/analysis/audit.h"
#include "judge/analysis/metrics.h"
#include "base/buf.h"
#include "base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a rule is judged by: a stretch of the run, UNIX seconds, and perhaps a fault in it. */
struct scope {
	const struct analysis *a;
	const struct judged_fault *fault;
	double from_s, to_s;
	bool overlap; /* requests that overlap it count, not those due in it */
	struct summary summary;
};

/* --- the requests of a stretch ----------------------------------------------- */

/* Windows that lie in it for the most part. */
static struct span windows_of(const struct scope *s)
{
	const struct grid *g = &s->a->own.run->grid;
	double window_s = ns_to_s(g->window_ns), t0_s = ns_to_s(g->t0_ns), last = (double)g->count;
	double first = fmin(last, (double)s->a->own.from);
	double from = fmin(last, fmax(first, round((s->from_s - t0_s) / window_s)));
	double to = fmin(last, fmax(from, round((s->to_s - t0_s) / window_s)));
	return (struct span){g, s->a->own.run->planned, (size_t)from, (size_t)to};
}

/* Of a request that a fault hits in flight, the fault's beginning. */
static double counts_at(const struct faults *f, double due_s, double end_s)
{
	double at_s = (double)INFINITY;
	for (size_t i = 0; i < f->count; i++)
		if (fault_start(&f->all[i]) > due_s && fault_start(&f->all[i]) <= end_s)
			at_s = fmin(at_s, fault_start(&f->all[i]));
	return isinf(at_s) ? due_s : at_s;
}

static void count_row(struct scope *s, const struct record *row, double warm_s, struct hist *h)
{
	double due_s = ns_to_s(record_due_ns(row)), end_s = ns_to_s(record_end_ns(row));
	double at_s = s->overlap ? due_s : counts_at(&s->a->own.faults, due_s, end_s);
	const double near_s = 5e-7; /* times have six decimals */
	if (due_s < warm_s || at_s > s->to_s - (s->overlap ? 0 : near_s) ||
	    (s->overlap ? end_s : at_s) < s->from_s - near_s)
		return;
	s->summary.due++;
	s->summary.err += row->failed;
	if (!row->failed)
		hist_record(h, record_end_ns(row) - record_due_ns(row));
}

/* Row by row where the rows were kept: a stretch need not begin with a window. */
static void sum_rows(struct scope *s)
{
	const struct run_data *r = s->a->own.run;
	struct hist *h = hist_new();
	double t0_s = ns_to_s(r->grid.t0_ns - NS_PER_MS);
	double warm_s = t0_s + (double)s->a->own.from * ns_to_s(r->grid.window_ns);
	s->summary.due = s->summary.err = 0;
	for (size_t i = 0; i < r->records.count; i++)
		count_row(s, &r->records.all[i], warm_s, h);
	s->summary.ok = s->summary.due - s->summary.err;
	summary_rate(&s->summary);
	summary_latencies(&s->summary, h, s->a->own.timeout_ns);
	free(h);
}

static void sum_up(struct scope *s)
{
	const struct records *rows = &s->a->own.run->records;
	struct span span = windows_of(s);
	summarize_spans(&s->summary, &span, 1, s->a->own.timeout_ns);
	if (rows->wanted && !rows->exceeded && !s->a->own.run->counts)
		sum_rows(s);
}

/* --- values -------------------------------------------------------------------- */

static double anomalous_s(const struct scope *s)
{
	const struct span span = windows_of(s);
	size_t n = 0;
	for (size_t k = span.from; k < span.to; k++)
		n += s->a->own.detection.windows[k].anomalous;
	return (double)n * ns_to_s(span.grid->window_ns);
}

static struct expr_value value_of(const void *context, unsigned metric, bool baseline)
{
	const struct scope *s = context;
	const struct analysis *a = s->a;
	if (baseline)
		return metric_of_run(&(const struct metric_context){.a = a}, metric, true);
	if (metric < METRIC_OF_SUMMARIES)
		return s->summary.lost && metric != METRIC_LOST ? expr_unknown()
								: expr_exactly(metric_of_summary(&s->summary, metric));
	if (metric == METRIC_LOST_WRITES)
		return audit_lost_writes(a->own.run);
	if (metric == METRIC_ANOMALOUS)
		return expr_exactly(anomalous_s(s));
	if (metric >= METRIC_OF_FAULTS || !s->fault || a->own.faults.unsteady || s->fault->by_other ||
	    s->fault->unseen)
		return expr_unknown();
	return metric_of_fault(s->fault, metric, ns_to_s(a->own.run->grid.window_ns));
}

static bool uses_faults(const struct expr *x)
{
	return expr_uses(x, METRIC_OF_SUMMARIES, METRIC_OF_FAULTS);
}

/* What was unhealthy before the fault cannot be seen to recover from it. */
static bool never_healthy(const struct expr *x, const struct scope *s)
{
	return s->fault && baseline_unhealthy(&s->a->baseline, &s->a->params->detect) &&
	       (expr_uses(x, METRIC_RECOVERY, METRIC_RECOVERY + 1) || expr_uses(x, METRIC_AFTER_REVERT, METRIC_AFTER_REVERT + 1));
}

static bool of_audit(const struct expr *x)
{
	return expr_uses(x, METRIC_LOST_WRITES, METRIC_LOST_WRITES + 1);
}

/* --- one expectation ------------------------------------------------------------- */

/* Missed before inconclusive before held, and of those that missed, by the most. */
static bool is_worse(const struct gate *a, const struct gate *b)
{
	static const int rank[] = {[EXPR_TRUE] = 0, [EXPR_UNKNOWN] = 1, [EXPR_FALSE] = 2};
	if (a->truth != b->truth)
		return rank[a->truth] > rank[b->truth];
	return fabs(a->left.low - a->right.low) > fabs(b->left.low - b->right.low);
}

/* Why nobody can tell what a fault did; NULL if somebody can. */
static const char *why_no_figure(const struct analysis *a, const struct judged_fault *f)
{
	if (a->own.faults.unsteady || f->by_other || f->unseen)
		return a->own.faults.unsteady ? a->own.faults.unsteady
		       : f->by_other	      ? "the fault was over before chaos-fault undid it"
					      : "its load ended before the fault was lifted";
	if (f->unjudged || isnan(f->reverted))
		return f->unjudged ? f->unjudged : "the fault was not lifted within the run";
	return f->after.censored ? "the run ended too soon after the fault" : NULL;
}

static const char *why_unknown(const struct gate *now, const struct scope *s)
{
	const struct analysis *a = s->a;
	const char *why = s->fault && uses_faults(&now->rule) ? why_no_figure(a, s->fault) : NULL;
	double warm_s = ns_to_s(a->own.run->grid.t0_ns) + (double)a->own.from * ns_to_s(a->own.run->grid.window_ns);
	if (of_audit(&now->rule))
		return audit_why_unknown(a->own.run);
	if (a->own.run->facts.has_sound && !a->own.run->facts.sound)
		return "the load generator was the limit";
	if (never_healthy(&now->rule, s))
		return "the baseline is unhealthy";
	if (why)
		return why;
	if (s->to_s <= warm_s)
		return "all of it is warm-up, which is not judged";
	if (!s->summary.due)
		return "no request was due in it";
	if (now->rule.uses_baseline && !a->reference_count)
		return "there is no baseline run";
	return s->summary.lost ? "rows were lost in it" : "too little was measured in it";
}

static void explain(struct expectation *x, const struct gate *now, const struct scope *s)
{
	const char *why = now->truth == EXPR_UNKNOWN ? why_unknown(now, s) : "";
	bool known = now->left.low >= now->left.high;
	if (now->truth == EXPR_FALSE && now->rule.for_ns)
		why = "it was not so for that long without a break";
	else if (now->truth == EXPR_FALSE && !known)
		why = "it was not seen until the end of the run";
	snprintf(x->reason, sizeof x->reason, "%s", why);
	if (now->truth == EXPR_FALSE && !*why)
		snprintf(x->reason, sizeof x->reason, "it was %.4g", now->left.low);
}

static void judge_scope(struct expectation *x, struct scope *s, const char *load)
{
	struct gate now = {.rule = x->gate.rule};
	const struct expr_source from = {value_of, s};
	const struct span span = windows_of(s);
	sum_up(s);
	if (now.rule.for_ns)
		gate_judge_windows(&now, s->a, span.from, span.to);
	else
		now.truth = expr_eval(&now.rule, &from, &now.left, &now.right);
	/* What the load generator did is not what the system does; what was lost is lost, whoever wrote it. */
	if (!of_audit(&now.rule) && s->a->own.run->facts.has_sound && !s->a->own.run->facts.sound && now.truth == EXPR_FALSE)
		now.truth = EXPR_UNKNOWN;
	if (now.truth == EXPR_FALSE && never_healthy(&now.rule, s))
		now.truth = EXPR_UNKNOWN;
	if (x->judged && !is_worse(&now, &x->gate))
		return;
	x->judged = true;
	x->gate = now;
	explain(x, &now, s);
	x->load = load;
	x->fault = s->fault ? s->fault->uid : NULL;
}

static double or_never(double t_s)
{
	return isnan(t_s) ? (double)INFINITY : t_s;
}

/* When the phase with that number began and ended; false if it never began. */
static bool find_phase(const struct event_log *log, int64_t index, struct scope *s)
{
	bool began = false;
	s->to_s = (double)INFINITY;
	for (size_t i = 0; i < log->count; i++) {
		const struct event *ev = &log->events[i];
		bool phase = ev->kind == EVENT_PHASE_START;
		if (began && (phase || ev->kind == EVENT_RUN_END)) {
			s->to_s = ev->t;
			return true;
		}
		if (phase && json_int(json_get(ev->json, "index"), -1) == index) {
			began = true;
			s->from_s = ev->t;
		}
	}
	return began;
}

/* Of an action, its own faults; of a phase, for figures of faults, those that were there in it. */
static void judge_faults(struct expectation *x, const struct finding *f, const struct scope *phase, int64_t line)
{
	const struct faults *all = &f->analysis.own.faults;
	for (size_t i = 0; i < all->count; i++) {
		const struct judged_fault *one = &all->all[i];
		struct scope s = {.a = &f->analysis, .fault = one, .from_s = fault_start(one),
				  .to_s = or_never(one->reverted), .overlap = true};
		bool within = s.from_s < phase->to_s && s.to_s >= phase->from_s;
		if (!isnan(s.from_s) && (line ? one->line == line : within))
			judge_scope(x, &s, f->load);
	}
}

/* Until something was judged. */
static void doubt(struct expectation *x, const char *why)
{
	if (!x->judged)
		snprintf(x->reason, sizeof x->reason, "%s", why);
}

static void judge_load(struct expectation *x, const struct finding *f, const struct json *its)
{
	const struct event_log *log = &f->analysis.own.run->facts.log;
	int64_t line = json_int(json_get(its, "line"), 0);
	struct scope phase = {.a = &f->analysis};
	size_t len = rule_load_len(x->text);
	if (len && !(f->load && strlen(f->load) == len && strncmp(f->load, x->text, len) == 0))
		return;
	if (!find_phase(log, json_int(json_get(its, "index"), -1), &phase)) {
		doubt(x, "its phase did not begin");
		return;
	}
	if (line || uses_faults(&x->gate.rule))
		judge_faults(x, f, &phase, line);
	else
		judge_scope(x, &phase, f->load);
	doubt(x, line ? "its fault was not injected" : "no fault was there in its phase");
}

static const struct json *told(const struct finding *f, enum event_kind kind, const char *key)
{
	const struct event_log *log = &f->analysis.own.run->facts.log;
	for (size_t i = 0; i < log->count; i++)
		if (log->events[i].kind == kind)
			return json_get(log->events[i].json, key);
	return NULL;
}

/* Probes of the steady state, which were judged while the run went on. */
static void add_checks(struct expectations *x, const struct json *list)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const char *result = json_text(json_at(list, i), "result");
		struct expectation *one = &x->all[x->count++];
		*one = (struct expectation){.text = json_text(json_at(list, i), "text")};
		doubt(one, json_text(json_at(list, i), "reason"));
		one->gate.left = one->gate.right = expr_unknown();
		one->gate.truth = strcmp(result, "held") == 0	  ? EXPR_TRUE
				  : strcmp(result, "missed") == 0 ? EXPR_FALSE
								  : EXPR_UNKNOWN;
	}
}

void expectations_judge(struct expectations *x, const struct finding *all, size_t count)
{
	const struct json *list = told(&all[0], EVENT_RUN_START, "expectations");
	const struct json *checks = told(&all[0], EVENT_RUN_END, "checks");
	*x = (struct expectations){.all = mem_alloc((json_count(list) + json_count(checks) + 1) * sizeof *x->all)};
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *its = json_at(list, i);
		struct expectation *one = &x->all[x->count++];
		struct err e;
		*one = (struct expectation){.text = json_text(its, "text"),
					    .phase = json_str(json_get(its, "phase"), NULL)};
		int rc = rule_parse(&one->gate.rule, rule_of_load(one->text), RULE_EXPECT, true, &e);
		one->gate.truth = EXPR_UNKNOWN;
		one->gate.left = one->gate.right = expr_unknown();
		doubt(one, rc ? e.msg : "the run has no load of that name");
		for (size_t k = 0; k < count && !rc; k++)
			judge_load(one, &all[k], its);
	}
	add_checks(x, checks);
}

void expectations_release(struct expectations *x)
{
	free(x->all);
	*x = (struct expectations){0};
}

int expectations_code(const struct expectations *x)
{
	static const int of_truth[] = {
		[EXPR_TRUE] = EXIT_OK, [EXPR_FALSE] = EXIT_NO, [EXPR_UNKNOWN] = EXIT_INCONCLUSIVE};
	int code = EXIT_OK;
	for (size_t i = 0; i < x->count; i++)
		code = exit_worse(code, of_truth[x->all[i].gate.truth]);
	return code;
}

struct json *expectations_json(const struct expectations *x)
{
	static const char *const names[] = {
		[EXPR_TRUE] = "held", [EXPR_FALSE] = "missed", [EXPR_UNKNOWN] = "inconclusive"};
	struct json *list = json_array_new();
	for (size_t i = 0; i < x->count; i++) {
		const struct expectation *one = &x->all[i];
		struct json *j = json_object_new();
		json_set_str(j, "text", one->text);
		json_set_str(j, "phase", one->phase);
		json_set_str(j, "fault", one->fault);
		json_set_str(j, "load", one->load);
		json_set_str(j, "result", names[one->gate.truth]);
		metric_set_value(j, "value", one->gate.left);
		metric_set_value(j, "bound", one->gate.right);
		json_set_str(j, "reason", *one->reason ? one->reason : NULL);
		json_push(list, j);
	}
	return list;
}
