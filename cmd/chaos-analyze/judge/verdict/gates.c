#include "judge/verdict/gates.h"

#include "judge/analysis/metrics.h"
#include "judge/analysis/sensitivity.h"
#include "base/buf.h"
#include "cli/diag.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const truth_names[] = {
	[EXPR_FALSE] = "pass", [EXPR_TRUE] = "fail", [EXPR_UNKNOWN] = "inconclusive"};

int gates_parse(struct gates *g, const char *const *texts, size_t count, const char *load,
		bool has_baseline, struct err *e)
{
	*g = (struct gates){.all = mem_alloc((count + 1) * sizeof *g->all)};
	for (size_t i = 0; i < count; i++) {
		size_t len = rule_load_len(texts[i]);
		if (len && !(load && strlen(load) == len && strncmp(load, texts[i], len) == 0))
			continue;
		if (rule_parse(&g->all[g->count++].rule, rule_of_load(texts[i]), RULE_GATE, has_baseline, e)) {
			gates_release(g);
			return -1;
		}
	}
	return 0;
}

void gates_release(struct gates *g)
{
	free(g->all);
	*g = (struct gates){0};
}

void gate_judge_windows(struct gate *x, const struct analysis *a, size_t from, size_t to)
{
	const struct grid *g = &a->own.run->grid;
	int64_t need = (x->rule.for_ns + g->window_ns - 1) / g->window_ns, sure = 0, perhaps = 0;
	int64_t rests = 0; /* without a request: as the windows around them */
	struct metric_context c = {a, from};
	const struct expr_source source = {metric_of_window, &c};
	x->truth = EXPR_FALSE;
	x->left = x->right = expr_unknown();
	for (; c.window < to && x->truth != EXPR_TRUE; c.window++) {
		const struct judgement *j = &a->own.detection.windows[c.window];
		struct expr_value left, right;
		enum expr_truth now = EXPR_UNKNOWN;
		if (j->judged)
			now = expr_eval(&x->rule, &source, &left, &right);
		else if (a->baseline.rests && !j->unmeasured && g->windows[c.window].due == 0) {
			rests++;
			continue;
		} else if (!j->unmeasured)
			now = EXPR_FALSE;
		sure = now == EXPR_TRUE ? sure + 1 + (sure ? rests : 0) : 0;
		perhaps = now == EXPR_FALSE ? 0 : perhaps + 1 + (perhaps ? rests : 0);
		rests = 0;
		if (perhaps >= need)
			x->truth = sure >= need ? EXPR_TRUE : EXPR_UNKNOWN;
		if (sure >= need) {
			x->left = left;
			x->right = right;
		}
	}
}

static bool uses(const struct expr *x, bool (*kind)(unsigned metric))
{
	for (unsigned i = 0; i < x->count; i++)
		if (x->nodes[i].op == EXPR_METRIC && !x->nodes[i].baseline && kind(x->nodes[i].metric))
			return true;
	return false;
}

/* A detected absence of outages does not exclude one shorter than the detection limit. A bound of
 * 0 asks only for what was detected. */
static bool too_short_to_see(const struct gate *x, double shortest_s)
{
	double bound_s = fmax(x->left.low, x->right.low);
	return uses(&x->rule, metric_is_outage_time) && bound_s > 0 && bound_s < shortest_s;
}

static void doubt(struct gate *x, const struct sensitivity *s)
{
	if (x->truth == EXPR_FALSE && too_short_to_see(x, s->shortest_outage_s))
		x->doubt = "shortest_outage_s";
	if (x->truth == EXPR_TRUE && s->may_be_chance && uses(&x->rule, metric_from_anomalies))
		x->doubt = "false_alarm_bound";
	if (x->truth == EXPR_FALSE && s->waited && uses(&x->rule, metric_of_sent))
		x->doubt = "closed_loop";
	if (x->truth == EXPR_FALSE && s->no_end && uses(&x->rule, metric_from_anomalies))
		x->doubt = "no_end";
	if (x->truth == EXPR_UNKNOWN && (s->no_failures || s->no_unanswered) && uses(&x->rule, metric_of_failures))
		x->doubt = s->no_failures ? "no_failures" : "no_unanswered";
	if (x->doubt)
		x->truth = EXPR_UNKNOWN;
}

/* The windows that are left tell nothing of the whole run, but that a rule held for its time. */
static void forget(struct gate *x)
{
	if (x->rule.for_ns && x->truth == EXPR_TRUE)
		return;
	x->truth = EXPR_UNKNOWN;
	x->left = x->right = expr_unknown();
}

void gates_judge(struct gates *g, const struct analysis *a)
{
	const struct sensitivity s = sensitivity_of(a);
	struct metric_context c = {a, 0};
	const struct expr_source from = {metric_of_run, &c};
	for (size_t i = 0; i < g->count; i++) {
		struct gate *x = &g->all[i];
		if (x->rule.for_ns)
			gate_judge_windows(x, a, 0, a->own.run->grid.count);
		else
			x->truth = expr_eval(&x->rule, &from, &x->left, &x->right);
		doubt(x, &s);
		if (a->own.run->forgotten)
			forget(x);
	}
}

bool gates_asked(const struct gates *g)
{
	return g->count || g->compare;
}

static int worse(int result, int other)
{
	return result == EXIT_NO || other == EXIT_OK ? result : other;
}

/* Why nothing may be concluded: in the first four cases not even that the run fails, since the load
 * generator may have caused it. Returns their number. */
enum { DOUBTS = 10, GRAVE_DOUBTS = 4 };
static size_t doubts_of(const struct gates *g, const struct analysis *a, const char *out[DOUBTS], bool *grave)
{
	const struct sensitivity s = sensitivity_of(a);
	const struct {
		bool holds;
		const char *name;
	} all[DOUBTS] = {{a->own.detection.judged == 0, "nothing_judged"},
			 {s.generator_unsound, "generator_unsound"},
			 {a->own.run->missing.count || *a->own.run->facts.lacking, "shards_missing"},
			 {g->compare && s.baseline_unsound, "baseline_unsound"},
			 {s.baseline_unstable, "baseline_unstable"},
			 {s.closed_loop, "closed_loop"},
			 {s.baseline_unhealthy, "baseline_unhealthy"},
			 {sensitivity_contradictory(a), "rows_contradict"},
			 {sensitivity_much_unread(a), "rows_bad"},
			 {sensitivity_events_unread(a), "events_bad"}};
	size_t n = 0;
	*grave = false;
	for (size_t i = 0; i < DOUBTS; i++) {
		if (all[i].holds)
			out[n++] = all[i].name;
		*grave = *grave || (i < GRAVE_DOUBTS && all[i].holds);
	}
	return n;
}

static int gates_result(const struct gates *g, const struct analysis *a, const struct judgements *v)
{
	static const int of_truth[] = {[EXPR_FALSE] = EXIT_OK, [EXPR_TRUE] = EXIT_NO,
				       [EXPR_UNKNOWN] = EXIT_INCONCLUSIVE};
	static const int of_verdict[] = {[COMPARE_PASS] = EXIT_OK, [COMPARE_FAIL] = EXIT_NO,
					 [COMPARE_INCONCLUSIVE] = EXIT_INCONCLUSIVE};
	const char *doubts[DOUBTS];
	bool grave;
	int result = EXIT_OK;
	if (!gates_asked(g))
		return EXIT_OK;
	size_t doubtful = doubts_of(g, a, doubts, &grave) + a->own.run->forgotten;
	for (size_t i = 0; i < g->count; i++)
		result = worse(result, of_truth[g->all[i].truth]);
	if (g->compare)
		result = worse(result, of_verdict[judgements_verdict(v)]);
	return grave ? EXIT_INCONCLUSIVE : worse(result, doubtful ? EXIT_INCONCLUSIVE : EXIT_OK);
}

/* Unlike the verdict, which is "fail" as soon as one gate failed, the exit code reports an
 * inconclusive gate before a failed one. */
int gates_code(const struct gates *g, const struct analysis *a, const struct judgements *v)
{
	int code = gates_result(g, a, v);
	for (size_t i = 0; i < g->count; i++)
		if (g->all[i].truth == EXPR_UNKNOWN)
			code = exit_worse(code, EXIT_INCONCLUSIVE);
	if (g->compare && judgements_verdict(v) == COMPARE_INCONCLUSIVE)
		code = exit_worse(code, EXIT_INCONCLUSIVE);
	return code;
}

static struct json *reasons(const struct gates *g, const struct analysis *a,
			    const struct judgements *v)
{
	const char *doubts[DOUBTS];
	bool grave;
	size_t doubtful = doubts_of(g, a, doubts, &grave);
	struct json *all = json_array_new();
	for (size_t i = 0; i < g->count; i++)
		if (g->all[i].truth != EXPR_FALSE)
			json_push_str(all, g->all[i].rule.text);
	if (g->compare)
		judgements_reasons(v, all);
	for (size_t i = 0; i < doubtful; i++)
		json_push_str(all, doubts[i]);
	return all;
}

struct json *gates_json(const struct gates *g, const struct analysis *a,
			const struct judgements *v)
{
	if (!gates_asked(g))
		return NULL;
	struct json *j = json_object_new(), *all = json_array_new();
	int result = gates_result(g, a, v);
	json_set_str(j, "result", result == EXIT_OK ? "pass" : result == EXIT_NO ? "fail" : "inconclusive");
	json_set(j, "reasons", reasons(g, a, v));
	for (size_t i = 0; i < g->count; i++) {
		const struct gate *x = &g->all[i];
		struct json *one = json_object_new();
		json_set_str(one, "rule", x->rule.text);
		json_set_str(one, "result", truth_names[x->truth]);
		metric_set_value(one, "value", x->left);
		metric_set_value(one, "bound", x->right);
		json_set_str(one, "doubt", x->doubt);
		json_set_round(one, "value_lower_bound", x->left.low < x->left.high ? x->left.low : (double)NAN,
			       6);
		json_push(all, one);
	}
	json_set(j, "gates", all);
	return j;
}

/* What would decide: of what looks worse one metric is enough, else all have to be shown not to be. How
 * much a short run varies is known badly, and taken for much. */
static void add_remedy(struct buf *text, const struct comparisons *c)
{
	double seconds = 0, learn_s = 0;
	size_t baselines = 0;
	bool worse = false, open = false, differs = false;
	for (unsigned i = 0; i < COMPARED_TESTED; i++)
		worse = worse || c->all[i].looks_worse;
	for (unsigned i = 0; i < COMPARED_TESTED; i++) {
		const struct comparison *x = &c->all[i];
		if ((worse && !x->looks_worse) || isnan(x->run - x->baseline)) /* no run like these tells */
			continue;
		learn_s = fmax(learn_s, x->learn_s);
		open = open || x->undecidable;
		differs = differs || x->differs;
		if (x->decide_s > 0 && (!(seconds > 0) || (x->decide_s < seconds) == worse))
			seconds = x->decide_s;
		if (x->decide_baselines && (!baselines || (x->decide_baselines < baselines) == worse))
			baselines = x->decide_baselines;
	}
	open = open && !(worse && (baselines || seconds > 0));
	bool both = baselines && seconds > 0 && !worse;
	if (both && !open)
		buf_addf(text, "; %zu or more baseline runs, all of %.0f s, would decide", baselines, seconds);
	if (baselines && !open && !both)
		buf_addf(text, "; %zu or more baseline runs would decide", baselines);
	if (seconds > 0 && !open && !both)
		buf_addf(text, "; runs of %.0f s would decide, perhaps shorter ones", seconds);
	if (open)
		buf_addf(text, "; not even %d baseline runs like these would decide", COMPARE_BASELINES_MANY);
	if (open && differs)
		buf_addf(text, ", nor longer ones: the level varies from run to run");
	if (open && learn_s > 0)
		buf_addf(text,
			 "; how long runs would is unknown: the level lasts longer than these, and runs "
			 "of %.0f s would tell how much it varies",
			 learn_s);
}

/* Prints the reasons of the comparison in one line. */
static void tell_comparison(const struct judgements *v, const char *lacks)
{
	struct json *reasons = json_array_new();
	struct buf text = BUF_INIT;
	judgements_reasons(v, reasons);
	for (size_t i = 0; i < json_count(reasons); i++)
		buf_addf(&text, "%s%s", i ? ", " : "", json_str(json_at(reasons, i), ""));
	if (judgements_verdict(v) == COMPARE_FAIL)
		diag("worse than the baseline: %s", text.data);
	else if (text.len) {
		add_remedy(&text, &v->whole);
		buf_addf(&text, "%s%s", lacks ? "; " : "", lacks ? lacks : "");
		diag("inconclusive whether the run is worse than the baseline: %s", text.data);
	}
	buf_release(&text);
	json_free(reasons);
}

/* Those of which nothing else is printed. */
static void tell_doubts(const struct gates *g, const struct analysis *a)
{
	const struct sensitivity s = sensitivity_of(a);
	if (s.closed_loop)
		diag("inconclusive: fewer requests were sent while fewer succeeded (a closed loop), so the log shows less "
		     "than users would suffer");
	if (g->compare && s.baseline_unsound)
		diag("inconclusive: the load generator was the limit at times in a baseline run");
}

/* lacks: what the rows lack of the failures. */
static const char *why_doubted(const struct gate *x, const char *lacks)
{
	static const char *const why[][2] = {
		{"shortest_outage_s", "an outage that short would not be detected"},
		{"false_alarm_bound", "without a longer baseline chance may explain the anomalies"},
		{"closed_loop", "closed loop: what was not sent meanwhile is not in this log"},
		{"no_end", "when requests ended is not in this log"},
	};
	for (size_t i = 0; i < ARRAY_LEN(why); i++)
		if (strcmp(x->doubt, why[i][0]) == 0)
			return why[i][1];
	return lacks;
}

void gates_tell(const struct gates *g, const struct analysis *a, const struct judgements *v)
{
	const struct run_data *r = a->own.run;
	const char *lacks = summary_lacks(&a->own.summary);
	if (r->forgotten && gates_asked(g))
		diag("the gates could not be judged on the whole run: --windows keeps only the last %zu of its "
		     "%zu windows; without it all are kept",
		     r->grid.count, r->forgotten + r->grid.count);
	for (size_t i = 0; i < g->count; i++) {
		const struct gate *x = &g->all[i];
		if (x->truth == EXPR_FALSE)
			continue;
		const char *what = x->truth == EXPR_TRUE ? "failed" : "inconclusive";
		if (x->doubt)
			diag("gate %s: %s (%s)", what, x->rule.text, why_doubted(x, lacks));
		else if (x->left.low >= x->left.high)
			diag("gate %s: %s (it is %g)", what, x->rule.text, x->left.low);
		else if (isfinite(x->left.low))
			diag("gate %s: %s (it is more than %g)", what, x->rule.text, x->left.low);
		else
			diag("gate %s: %s", what, x->rule.text);
	}
	if (gates_asked(g))
		tell_doubts(g, a);
	if (g->compare)
		tell_comparison(v, lacks ? lacks : summary_lacks(&a->baseline_summary));
}
