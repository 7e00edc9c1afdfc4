#include "prepare/rules.h"

#include "prepare/loads/load_check.h"

#include "prepare/identical.h"

#include "base/suggest.h"
#include "base/units.h"
#include "detect/metric.h"

#include <stdio.h>
#include <string.h>

static int check_load(const struct plan *p, const struct placed *r, struct err *e)
{
	size_t len = rule_load_len(r->text);
	const char *near = NULL;
	char name[64];
	if (!len)
		return 0;
	snprintf(name, sizeof name, "%.*s", (int)len, r->text);
	for (size_t i = 0; i < p->load_count; i++) {
		if (strcmp(name, p->loads[i].name) == 0)
			return 0;
		suggest(name, p->loads[i].name, &near);
	}
	return place_err(p->scenario->path, r->at, e, "unknown load '%s'%s%s%s", name, SUGGESTED(near, ""));
}

static bool fault_before(const struct plan *p, int64_t end_ns)
{
	for (size_t i = 0; i < p->step_count; i++)
		if (p->steps[i].kind == STEP_FAULT && p->steps[i].at_ns < end_ns)
			return true;
	return false;
}

static bool audited(const struct plan *p)
{
	for (size_t i = 0; i < p->load_count; i++)
		if (load_audited(p, &p->loads[i]))
			return true;
	return false;
}

/* What a rule is for: a phase, a fault of it, or without both the run. */
struct subject {
	const struct scenario_phase *phase;
	const struct scenario_action *fault;
	bool has_baseline;
	const struct identical *identical; /* trials of the baseline, or NULL */
};

/* A rule that nothing of this scenario could ever decide; of a fault that is not lifted by itself its
 * end is not known. */
static int check_chance(const struct plan *p, const struct placed *r, const struct expr *x, const struct subject *of,
			struct err *e)
{
	const struct scenario_phase *phase = of->phase;
	const char *what = of->fault ? "fault" : phase ? "phase" : "run", *path = p->scenario->path;
	int64_t for_ns = of->fault ? of->fault->for_ns : phase ? phase->duration_ns : p->scenario->duration_ns;
	int64_t from_ns = phase ? phase->start_ns + (of->fault ? of->fault->at_ns : 0) : 0;
	char span[SPAN_MAX];
	if (for_ns && x->for_ns > for_ns)
		return place_err(path, r->at, e, "the rule '%s' can never be judged: the %s lasts %s", r->text, what,
				 span_format(for_ns, span));
	if (!phase)
		return 0;
	if (expr_uses(x, METRIC_LOST_WRITES, METRIC_LOST_WRITES + 1) && !audited(p))
		return place_err(path, r->at, e, "the rule '%s' can never be judged: no audit looks for lost writes; 'audit: true' or 'audit_http' at a load does",
				 r->text);
	if (for_ns && from_ns + for_ns <= s_to_ns(p->config->warmup_ignore_s))
		return place_err(path, r->at, e,
				 "the rule '%s' can never be judged: the %s is over within the warm-up of %g s (warmup_ignore_sec)",
				 r->text, what, p->config->warmup_ignore_s);
	if (!of->fault && expr_uses(x, METRIC_RECOVERY, METRIC_OF_FAULTS) && !fault_before(p, from_ns + for_ns))
		return place_err(path, r->at, e, "the rule '%s' can never be judged: no fault begins before its phase ends",
				 r->text);
	return 0;
}

static int check(const struct plan *p, const struct placed *all, size_t count, enum rule_kind kind,
		 const struct subject *of, struct err *e)
{
	struct expr x;
	struct err why;
	for (size_t i = 0; i < count; i++) {
		if (check_load(p, &all[i], e))
			return -1;
		if (rule_parse(&x, rule_of_load(all[i].text), kind, true, &why))
			return place_err(p->scenario->path, all[i].at, e, "%s", why.msg);
		if (x.uses_baseline && !of->has_baseline)
			return place_err(p->scenario->path, all[i].at, e,
					 "the rule '%s' needs a baseline run (--baseline-id)", x.text);
		if (kind == RULE_EXPECT && identical_check(of->identical, &x, &why))
			return place_err(p->scenario->path, all[i].at, e, "%s", why.msg);
		if (kind != RULE_STEADY && check_chance(p, &all[i], &x, of, e))
			return -1;
	}
	return 0;
}

/* Of a phase that ends when the system has recovered. A profile has its own time. */
static int check_until(const struct plan *p, const struct scenario_phase *phase, struct err *e)
{
	int64_t end_ns = phase->start_ns + phase->duration_ns;
	if (!phase->until_recovered)
		return 0;
	if (!fault_before(p, end_ns))
		return place_err(p->scenario->path, phase->until_place, e, "'until: recovered' needs a fault that begins before the phase ends");
	for (size_t i = 0; i < p->step_count; i++)
		if (p->steps[i].kind == STEP_RATE && p->steps[i].goes_on && p->steps[i].at_ns >= phase->start_ns)
			return place_err(p->scenario->path, phase->until_place, e,
					 "'until: recovered' goes with no profile: that of the load '%s' is not over",
					 p->loads[p->steps[i].load].name);
	return 0;
}

static int check_all(const struct plan *p, struct subject of, struct err *e)
{
	const struct scenario *s = p->scenario;
	for (size_t i = 0; i < s->checks.count; i++) {
		const struct scenario_check *c = &s->checks.all[i];
		if (c->kind == CHECK_RULE && check(p, &c->what, 1, c->stop ? RULE_STOP : RULE_STEADY, &of, e))
			return -1;
	}
	for (size_t i = 0; i < s->phase_count; i++) {
		const struct scenario_phase *phase = &s->phases[i];
		if (check_until(p, phase, e))
			return -1;
		of.phase = phase;
		of.fault = NULL;
		if (check(p, phase->expect, phase->expect_count, RULE_EXPECT, &of, e))
			return -1;
		for (size_t k = 0; k < phase->action_count; k++) {
			of.fault = &phase->actions[k];
			if (check(p, of.fault->expect, of.fault->expect_count, RULE_EXPECT, &of, e))
				return -1;
		}
	}
	return 0;
}

int rules_check(const struct plan *p, const char *runs_dir, const char *baseline_id, struct err *e)
{
	struct identical *identical = baseline_id ? identical_read(runs_dir, baseline_id) : NULL;
	const struct subject of = {.has_baseline = baseline_id, .identical = identical};
	int rc = check_all(p, of, e);
	identical_free(identical);
	return rc;
}

static void add(struct json *list, const struct plan *p, const struct scenario_phase *phase,
		const struct placed *all, size_t count, size_t line)
{
	for (size_t i = 0; i < count; i++) {
		struct json *j = json_object_new();
		json_set_str(j, "text", all[i].text);
		json_set_str(j, "phase", phase->name);
		json_set_int(j, "index", phase - p->scenario->phases);
		json_set_null(j, "line");
		if (line)
			json_set_int(j, "line", (int64_t)line);
		json_push(list, j);
	}
}

struct json *rules_expectations(const struct plan *p)
{
	struct json *list = json_array_new();
	size_t line = 0;
	for (size_t i = 0; i < p->step_count; i++) {
		const struct step *s = &p->steps[i];
		if (s->kind == STEP_PHASE)
			add(list, p, s->phase, s->phase->expect, s->phase->expect_count, 0);
		if (s->kind == STEP_FAULT)
			add(list, p, s->phase, s->action->expect, s->action->expect_count, ++line);
	}
	return list;
}
