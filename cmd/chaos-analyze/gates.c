#include "gates.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "sensitivity.h"

#include <math.h>
#include <stdlib.h>

static const char *const truth_names[] = {
	[EXPR_FALSE] = "pass", [EXPR_TRUE] = "fail", [EXPR_UNKNOWN] = "inconclusive"};

/* That a rule can only ask of the run as a whole. */
static int check(const struct expr *x, bool has_baseline, struct err *e)
{
	for (unsigned i = 0; i < x->count; i++) {
		const struct expr_node *n = &x->nodes[i];
		if (n->op != EXPR_METRIC)
			continue;
		const char *name = metric_names[n->metric];
		if (n->baseline && n->metric >= METRIC_SUMMARY_COUNT)
			return err_usage(e, "wrong rule '%s': there is no '%s' of a baseline", x->text,
					 name);
		if (!n->baseline && x->for_ns && n->metric >= METRIC_WINDOW_COUNT)
			return err_usage(e, "wrong rule '%s': '%s' is of the whole run and cannot hold "
					    "'for' a time", x->text, name);
	}
	if (x->uses_baseline && !has_baseline)
		return err_usage(e, "the rule '%s' needs a baseline run (--baseline, --baseline-id)",
				 x->text);
	return 0;
}

int gates_parse(struct gates *g, const char *const *texts, size_t count, bool has_baseline,
		struct err *e)
{
	*g = (struct gates){.all = mem_alloc((count + 1) * sizeof *g->all), .count = count};
	for (size_t i = 0; i < count; i++)
		if (expr_parse(&g->all[i].rule, texts[i], metric_names, e) ||
		    check(&g->all[i].rule, has_baseline, e)) {
			gates_release(g);
			return -1;
		}
	return 0;
}

void gates_release(struct gates *g)
{
	free(g->all);
	*g = (struct gates){0};
}

/* For how long it held without a break: true if surely long enough, unknown if perhaps. */
static void judge_windows(struct gate *x, const struct analysis *a)
{
	const struct grid *g = &a->run->grid;
	int64_t need = (x->rule.for_ns + g->window_ns - 1) / g->window_ns, sure = 0, perhaps = 0;
	struct metric_context c = {a, 0};
	const struct expr_source from = {metric_of_window, &c};
	x->truth = EXPR_FALSE;
	x->left = x->right = expr_unknown();
	for (c.window = 0; c.window < g->count && x->truth != EXPR_TRUE; c.window++) {
		const struct judgement *j = &a->detection.windows[c.window];
		struct expr_value left, right;
		enum expr_truth now = EXPR_UNKNOWN;
		if (j->judged)
			now = expr_eval(&x->rule, &from, &left, &right);
		else if (!j->unmeasured)
			now = EXPR_FALSE;
		sure = now == EXPR_TRUE ? sure + 1 : 0;
		perhaps = now == EXPR_FALSE ? 0 : perhaps + 1;
		if (perhaps >= need)
			x->truth = sure >= need ? EXPR_TRUE : EXPR_UNKNOWN;
		if (sure >= need) {
			x->left = left;
			x->right = right;
		}
	}
}

void gates_judge(struct gates *g, const struct analysis *a)
{
	struct metric_context c = {a, 0};
	const struct expr_source from = {metric_of_run, &c};
	for (size_t i = 0; i < g->count; i++) {
		struct gate *x = &g->all[i];
		if (x->rule.for_ns)
			judge_windows(x, a);
		else
			x->truth = expr_eval(&x->rule, &from, &x->left, &x->right);
	}
}

int gates_result(const struct gates *g, const struct analysis *a)
{
	const struct sensitivity s = sensitivity_of(a);
	int result = EXIT_OK;
	for (size_t i = 0; i < g->count; i++) {
		if (g->all[i].truth == EXPR_TRUE)
			result = EXIT_NO;
		else if (g->all[i].truth == EXPR_UNKNOWN && result == EXIT_OK)
			result = EXIT_INCONCLUSIVE;
	}
	if (g->count && (a->detection.judged == 0 || s.generator_unsound))
		return EXIT_INCONCLUSIVE; /* whatever it shows may be the generator's doing */
	if (g->count && result == EXIT_OK && (s.baseline_unstable || s.closed_loop))
		return EXIT_INCONCLUSIVE;
	return result;
}

static struct json *reasons(const struct gates *g, const struct analysis *a)
{
	const struct sensitivity s = sensitivity_of(a);
	struct json *all = json_array_new();
	for (size_t i = 0; i < g->count; i++)
		if (g->all[i].truth != EXPR_FALSE)
			json_push_str(all, g->all[i].rule.text);
	if (a->detection.judged == 0)
		json_push_str(all, "nothing_judged");
	if (s.generator_unsound)
		json_push_str(all, "generator_unsound");
	if (s.baseline_unstable)
		json_push_str(all, "baseline_unstable");
	if (s.closed_loop)
		json_push_str(all, "closed_loop");
	return all;
}

static void set_value(struct json *j, const char *key, struct expr_value v)
{
	json_set_round(j, key, v.low >= v.high ? v.low : (double)NAN, 6);
}

struct json *gates_report(const struct gates *g, const struct analysis *a)
{
	if (g->count == 0)
		return NULL;
	struct json *j = json_object_new(), *all = json_array_new();
	int result = gates_result(g, a);
	json_set_str(j, "result", result == EXIT_OK ? "pass" : result == EXIT_NO ? "fail" : "inconclusive");
	json_set(j, "reasons", reasons(g, a));
	for (size_t i = 0; i < g->count; i++) {
		const struct gate *x = &g->all[i];
		struct json *one = json_object_new();
		json_set_str(one, "rule", x->rule.text);
		json_set_str(one, "result", truth_names[x->truth]);
		set_value(one, "value", x->left);
		set_value(one, "bound", x->right);
		json_set_round(one, "value_lower_bound", x->left.low < x->left.high ? x->left.low : (double)NAN,
			       6);
		json_push(all, one);
	}
	json_set(j, "gates", all);
	return j;
}

void gates_tell(const struct gates *g)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct gate *x = &g->all[i];
		if (x->truth == EXPR_FALSE)
			continue;
		const char *what = x->truth == EXPR_TRUE ? "failed" : "cannot be told";
		if (x->left.low >= x->left.high)
			diag("gate %s: %s (it is %g)", what, x->rule.text, x->left.low);
		else if (isfinite(x->left.low))
			diag("gate %s: %s (it is more than %g)", what, x->rule.text, x->left.low);
		else
			diag("gate %s: %s", what, x->rule.text);
	}
}
