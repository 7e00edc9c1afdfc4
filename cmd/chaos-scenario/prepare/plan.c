#include "prepare/plan.h"

#include "base/suggest.h"
#include "base/units.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void warn(struct plan *p, char *text)
{
	for (size_t i = 0; i < p->warning_count; i++) {
		if (strcmp(p->warnings[i], text) == 0) {
			free(text);
			return;
		}
	}
	p->warnings = mem_grow(p->warnings, &p->warning_alloc, p->warning_count, sizeof(char *));
	p->warnings[p->warning_count++] = text;
}

/* --- targets ------------------------------------------------------------- */

/* The place of a node among those of its mode, from 0. */
static size_t ordinal_of(const struct config *c, const struct node_conf *n)
{
	size_t i = 0;
	while (config_nth(c, n->mode, i) && config_nth(c, n->mode, i) != n)
		i++;
	return i;
}

static const struct node_conf *unknown_node(struct plan *p, const struct scenario_target *t,
					    struct err *e)
{
	struct err why;
	const char *near = NULL;
	for (size_t i = 0; i < p->config->node_count; i++)
		suggest(t->name, p->config->nodes[i].name, &near);
	suggest(t->name, SCENARIO_ALL_NODES, &near);
	if (near || strcmp(t->name, "all") == 0)
		err_usage(&why, "unknown node '%s'; did you mean '%s'?", t->name,
			  near ? near : SCENARIO_ALL_NODES);
	else
		config_need_node(p->config, t->name, &why);
	scenario_err(p->scenario, t->at, e, "%s", why.msg);
	return NULL;
}

static const struct node_conf *find_node(struct plan *p, const struct scenario_target *t,
					 struct err *e)
{
	const struct node_conf *named = config_node(p->config, t->name);
	if (!named)
		return unknown_node(p, t, e);
	if (named->mode == p->mode)
		return named;
	size_t ordinal = ordinal_of(p->config, named);
	const struct node_conf *twin = config_nth(p->config, p->mode, ordinal);
	if (!twin) {
		scenario_err(p->scenario, t->at, e,
			     "'%s' stands for %s node %zu, and the config has no such node", t->name,
			     conf_mode_name(p->mode), ordinal + 1);
		return NULL;
	}
	warn(p, mem_printf("in %s mode '%s' stands for '%s', the node of the same number",
			   conf_mode_name(p->mode), t->name, twin->name));
	return twin;
}

static void set_add(struct node_set *set, const struct node_conf *n)
{
	set->nodes = mem_realloc(set->nodes, set->count + 1, sizeof(*set->nodes));
	set->nodes[set->count++] = n;
}

static bool in_all(const struct plan *p, const struct node_conf *n)
{
	return n->mode == p->mode && config_in_all(p->config, n);
}

static int resolve(struct plan *p, const struct scenario_action *a, struct node_set *set,
		   struct err *e)
{
	bool *chosen = mem_alloc((p->config->node_count + 1) * sizeof *chosen);
	int rc = 0;
	for (size_t i = 0; i < a->target_count && !rc; i++) {
		bool all = strcmp(a->targets[i].name, SCENARIO_ALL_NODES) == 0;
		const struct node_conf *n = all ? NULL : find_node(p, &a->targets[i], e);
		rc = !all && !n ? -1 : 0;
		for (size_t k = 0; k < p->config->node_count; k++)
			if (all ? in_all(p, &p->config->nodes[k]) : &p->config->nodes[k] == n)
				chosen[k] = true;
	}
	for (size_t k = 0; k < p->config->node_count && !rc; k++)
		if (chosen[k])
			set_add(set, &p->config->nodes[k]);
	free(chosen);
	if (!rc && set->count == 0)
		rc = err_usage(e, "the config names no %s nodes", conf_mode_name(p->mode));
	return rc;
}

static bool same_set(const struct node_set *a, const struct node_set *b)
{
	return a->count == b->count &&
	       memcmp(a->nodes, b->nodes, a->count * sizeof(*a->nodes)) == 0;
}

/* --- steps --------------------------------------------------------------- */

static int make_load(struct plan *p, struct step *s, struct err *e)
{
	s->kind = STEP_RATE;
	if (p->load.count == 0) {
		for (size_t i = 0; i < s->nodes.count; i++)
			set_add(&p->load, s->nodes.nodes[i]);
	} else if (!same_set(&p->load, &s->nodes)) {
		return scenario_err(p->scenario, s->action->targets[0].at, e,
				    "all loads of a scenario must have the same targets");
	}
	return 0;
}

static void make_fault(struct step *s)
{
	const struct scenario_action *a = s->action;
	struct buf line = BUF_INIT;
	char span[SPAN_MAX];
	s->kind = STEP_FAULT;
	buf_addstr(&line, a->verb);
	for (size_t i = 0; i < s->nodes.count; i++)
		buf_addf(&line, " %s", s->nodes.nodes[i]->name);
	buf_addstr(&line, a->params ? a->params : "");
	if (a->pick.kind)
		buf_addf(&line, " pick %s", a->pick.word);
	if (a->all_down)
		buf_addstr(&line, " all-down");
	if (a->for_ns)
		buf_addf(&line, " for %s", span_format(a->for_ns, span));
	s->command = buf_detach(&line);
}

static struct step *add_step(struct plan *p, const struct scenario_phase *phase, int64_t at_ns)
{
	p->steps = mem_grow(p->steps, &p->step_alloc, p->step_count, sizeof *p->steps);
	struct step *s = &p->steps[p->step_count];
	*s = (struct step){.at_ns = at_ns, .order = p->step_count, .phase = phase};
	p->step_count++;
	return s;
}

static int add_phase(struct plan *p, const struct scenario_phase *phase, struct err *e)
{
	add_step(p, phase, phase->start_ns)->kind = STEP_PHASE;
	for (size_t i = 0; i < phase->action_count; i++) {
		const struct scenario_action *a = &phase->actions[i];
		struct step *s = add_step(p, phase, phase->start_ns + a->at_ns);
		s->action = a;
		if (resolve(p, a, &s->nodes, e))
			return -1;
		if (a->type->kind == ACTION_NODE)
			make_fault(s);
		else if (make_load(p, s, e))
			return -1;
	}
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct step *x = a, *y = b;
	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* continue_load without a rate takes up the last one, also after stop_load. */
static int set_rates(struct plan *p, struct err *e)
{
	double last = -1;
	for (size_t i = 0; i < p->step_count; i++) {
		struct step *s = &p->steps[i];
		if (s->kind != STEP_RATE || s->action->type->kind == ACTION_LOAD_STOP)
			continue;
		if (s->action->rps >= 0)
			last = s->action->rps;
		if (last < 0)
			return scenario_err(p->scenario, s->action->place, e,
					    "%s needs 'rps': no load has been started before",
					    s->action->type->name);
		s->rps = last;
	}
	if (last <= 0)
		return scenario_err(p->scenario, p->scenario->phases[0].place, e,
				    "no phase starts a load, so nothing would be measured");
	return 0;
}

int plan_make(struct plan *p, const struct scenario *s, const struct config *c,
	      enum conf_mode mode, struct err *e)
{
	p->scenario = s;
	p->config = c;
	p->mode = mode;
	for (size_t i = 0; i < s->phase_count; i++)
		if (add_phase(p, &s->phases[i], e))
			return -1;
	qsort(p->steps, p->step_count, sizeof *p->steps, by_time);
	return set_rates(p, e);
}

void plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->step_count; i++) {
		free(p->steps[i].nodes.nodes);
		free(p->steps[i].command);
	}
	for (size_t i = 0; i < p->warning_count; i++)
		free(p->warnings[i]);
	free(p->warnings);
	free(p->steps);
	free(p->load.nodes);
	*p = (struct plan){0};
}

double plan_rate(const struct plan *p, int64_t at_ns)
{
	double rate = 0;
	for (size_t i = 0; i < p->step_count && p->steps[i].at_ns <= at_ns; i++)
		if (p->steps[i].kind == STEP_RATE)
			rate = p->steps[i].rps;
	return rate;
}

const struct scenario_phase *plan_phase(const struct plan *p, int64_t at_ns)
{
	const struct scenario *s = p->scenario;
	size_t i = 0;
	while (i + 1 < s->phase_count && s->phases[i + 1].start_ns <= at_ns)
		i++;
	return &s->phases[i];
}

/* --- for people ---------------------------------------------------------- */

static void print_nodes(const struct node_set *set, struct buf *out)
{
	for (size_t i = 0; i < set->count; i++)
		buf_addf(out, "%s%s", i ? ", " : "", set->nodes[i]->name);
}

static void print_step(const struct step *s, struct buf *out)
{
	char at[SPAN_MAX], span[SPAN_MAX];
	buf_addf(out, "%10s  ", span_format(s->at_ns, at));
	switch (s->kind) {
	case STEP_PHASE:
		buf_addf(out, "%s (%s)", s->phase->name, span_format(s->phase->duration_ns, span));
		break;
	case STEP_RATE:
		buf_addf(out, "  load %.12g/s on ", s->rps);
		print_nodes(&s->nodes, out);
		break;
	case STEP_FAULT:
		buf_addf(out, "  %s", s->command);
		break;
	}
	buf_addch(out, '\n');
}

void plan_print(const struct plan *p, struct buf *out)
{
	char span[SPAN_MAX];
	buf_addf(out, "%s: %zu phase%s, %s, %s\n", p->scenario->name, p->scenario->phase_count,
		 p->scenario->phase_count == 1 ? "" : "s",
		 span_format(p->scenario->duration_ns, span), conf_mode_name(p->mode));
	for (size_t i = 0; i < p->step_count; i++)
		print_step(&p->steps[i], out);
	buf_addf(out, "%10s  end\n", span_format(p->scenario->duration_ns, span));
}
