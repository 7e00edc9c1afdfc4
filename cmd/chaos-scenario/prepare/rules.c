#include "prepare/rules.h"

#include "base/suggest.h"
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
	return place_err(p->scenario->path, r->at, e, "unknown load '%s'%s%s%s", name, near ? "; did you mean '" : "",
			 near ? near : "", near ? "'?" : "");
}

static int check(const struct plan *p, const struct placed *all, size_t count, enum rule_kind kind,
		 bool has_baseline, struct err *e)
{
	struct expr x;
	struct err why;
	for (size_t i = 0; i < count; i++) {
		if (check_load(p, &all[i], e))
			return -1;
		if (rule_parse(&x, rule_of_load(all[i].text), kind, true, &why))
			return place_err(p->scenario->path, all[i].at, e, "%s", why.msg);
		if (x.uses_baseline && !has_baseline)
			return place_err(p->scenario->path, all[i].at, e,
					 "the rule '%s' needs a baseline run (--baseline-id)", x.text);
	}
	return 0;
}

int rules_check(const struct plan *p, bool has_baseline, struct err *e)
{
	const struct scenario *s = p->scenario;
	for (size_t i = 0; i < s->checks.count; i++) {
		const struct scenario_check *c = &s->checks.all[i];
		if (c->kind == CHECK_RULE &&
		    check(p, &c->what, 1, c->stop ? RULE_STOP : RULE_STEADY, has_baseline, e))
			return -1;
	}
	for (size_t i = 0; i < s->phase_count; i++) {
		const struct scenario_phase *phase = &s->phases[i];
		if (check(p, phase->expect, phase->expect_count, RULE_EXPECT, has_baseline, e))
			return -1;
		for (size_t k = 0; k < phase->action_count; k++)
			if (check(p, phase->actions[k].expect, phase->actions[k].expect_count, RULE_EXPECT,
				  has_baseline, e))
				return -1;
	}
	return 0;
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
