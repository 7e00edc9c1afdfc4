#include "prepare/steps/plan.h"

#include "base/rng.h"
#include "base/units.h"
#include "plan/profile.h"
#include "prepare/steps/targets.h"

#include <stdlib.h>
#include <string.h>

static const double PROFILE_RATE_MAX = 1e6;
enum { EXPECT_TEXT = 600, PROFILE_STEPS = 500 }; /* chaos-load gets all commands before it reads the first */

/* --- steps --------------------------------------------------------------- */

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

static void add_rate(struct plan *p, const struct scenario_phase *phase, const struct scenario_action *a,
		     size_t load, const struct profile_step *r)
{
	int64_t at_ns = phase->start_ns + a->at_ns + r->at_ns;
	if (at_ns >= p->scenario->duration_ns)
		return;
	struct step *s = add_step(p, phase, at_ns);
	s->kind = STEP_RATE;
	s->action = a;
	s->load = load;
	s->rps = r->from;
	s->to_rps = r->to;
	s->ramp_ns = r->length_ns;
	s->goes_on = r->at_ns > 0;
}

/* The rate of the action, else that of its load's profile. */
static int add_rates(struct plan *p, const struct scenario_phase *phase, const struct scenario_action *a,
		     size_t load, struct err *e)
{
	const struct load_conf *c = p->loads[load].conf;
	struct rate_profile profile = {0};
	struct profile_step r = {.from = a->rps, .to = a->rps};
	struct err why = {.msg = "a profile has at most 500 steps"};
	int rc = 0;
	if (c && c->replays && a->rps >= 0)
		return place_err(p->scenario->path, a->place, e, "the load '%s' replays a log, which has its own times: it takes no 'rps'", c->name);
	if (a->rps < 0 && a->type->needs_rps && c && c->profile.text) {
		if (rate_profile_parse(c->profile.text, PROFILE_RATE_MAX, &profile, &why) ||
		    profile.count > PROFILE_STEPS)
			rc = place_err(c->file, c->profile.at, e, "%s", why.msg);
		for (size_t i = 0; i < profile.count && !rc; i++)
			add_rate(p, phase, a, load, &profile.steps[i]);
		r = (struct profile_step){.at_ns = profile.length_ns};
	}
	if (!rc)
		add_rate(p, phase, a, load, &r);
	rate_profile_release(&profile);
	return rc;
}

/* In whole milliseconds. */
static int64_t jitter(const struct plan *p, const struct scenario_action *a)
{
	return (int64_t)(rng_at(p->seed, p->step_count) % (uint64_t)a->jitter_ns) / NS_PER_MS * NS_PER_MS;
}

static int add_action(struct plan *p, const struct scenario_phase *phase, const struct scenario_action *a,
		      struct err *e)
{
	for (int64_t n = 0; a->type->kind == ACTION_NODE && n < a->times; n++) {
		int64_t late_ns = a->jitter_ns ? jitter(p, a) : 0;
		struct step *s = add_step(p, phase, phase->start_ns + a->at_ns + n * a->every_ns + late_ns);
		s->action = a;
		s->late_ns = late_ns;
		if (targets_resolve(p, p->scenario->path, a->targets, a->target_count, &s->nodes, e))
			return -1;
		make_fault(s);
		for (size_t i = 0; i < s->nodes.count; i++)
			node_set_add(&p->nodes, s->nodes.nodes[i]);
	}
	if (a->type->kind == ACTION_NODE)
		return 0;
	size_t first, end;
	if (plan_loads_of(p, a, &first, &end, e))
		return -1;
	for (size_t i = first; i < end; i++)
		if (add_rates(p, phase, a, i, e))
			return -1;
	return 0;
}

static int add_phase(struct plan *p, const struct scenario_phase *phase, struct err *e)
{
	add_step(p, phase, phase->start_ns)->kind = STEP_PHASE;
	for (size_t i = 0; i < phase->action_count; i++)
		if (add_action(p, phase, &phase->actions[i], e))
			return -1;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct step *x = a, *y = b;
	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* A load without a rate would be one of the run, without a request. */
static int check_stops(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->step_count; i++) {
		const struct scenario_action *a = p->steps[i].action;
		const struct plan_load *l = &p->loads[p->steps[i].load];
		if (p->steps[i].kind == STEP_RATE && !l->started)
			return place_err(p->scenario->path, a->load ? a->load_place : a->place, e,
					 "%s: no action %s the load '%s'", a->type->name,
					 a->type->kind == ACTION_LOAD_STOP ? "starts" : "gives a rate above 0 to", l->name);
	}
	return 0;
}

/* A log begins once, and stops for good. */
static int set_replay(const struct plan *p, struct step *s, struct plan_load *l, struct err *e)
{
	bool stop = s->action->type->kind == ACTION_LOAD_STOP;
	if (stop ? !l->started : l->started)
		return place_err(p->scenario->path, s->action->place, e,
				 "%s: the load '%s' replays a log, which begins once, and stops for good",
				 s->action->type->name, l->name);
	s->replays = !stop;
	s->rps = s->to_rps = 0;
	l->started = true;
	return 0;
}

/* continue_load without a rate takes up the last one, also after stop_load. Another action ends a
 * profile. */
static int set_rates(struct plan *p, struct err *e)
{
	bool any = false;
	for (size_t i = 0; i < p->step_count; i++) {
		struct step *s = &p->steps[i];
		if (s->kind != STEP_RATE)
			continue;
		struct plan_load *l = &p->loads[s->load];
		if (l->conf && l->conf->replays) {
			if (set_replay(p, s, l, e))
				return -1;
			any = true;
			continue;
		}
		if (s->goes_on && l->now != s->action)
			s->kind = STEP_DROPPED;
		if (s->kind == STEP_DROPPED)
			continue;
		l->now = s->action;
		if (s->action->type->kind == ACTION_LOAD_STOP)
			s->rps = s->to_rps = 0;
		else if (s->rps < 0)
			s->rps = s->to_rps = l->last_rps;
		if (s->rps < 0)
			return place_err(p->scenario->path, s->action->place, e, "%s needs 'rps': %s",
					 s->action->type->name,
					 s->action->type->needs_rps ? "the load has no 'profile'"
								    : "no load has been started before");
		l->started |= s->rps > 0 || s->to_rps > 0;
		if (s->to_rps > 0)
			l->last_rps = s->to_rps;
		any |= l->started;
	}
	if (any)
		return check_stops(p, e);
	return place_err(p->scenario->path, p->scenario->phases[0].place, e,
			 "no phase starts a load, so nothing would be measured");
}

int plan_make(struct plan *p, struct scenario *s, const struct config *c,
	      const enum conf_mode *mode, struct err *e)
{
	p->scenario = s;
	p->config = c;
	p->mode = mode ? *mode : MODE_HTTP;
	p->twins = mode && !s->loads.count && !c->loads.count;
	if (mode)
		node_set_add_mode(&p->nodes, p, false);
	for (size_t i = 0; i < s->phase_count; i++)
		if (add_phase(p, &s->phases[i], e))
			return -1;
	targets_warn(p);
	qsort(p->steps, p->step_count, sizeof *p->steps, by_time);
	return set_rates(p, e) ? -1 : plan_add_unused(p, e);
}

void plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->step_count; i++) {
		free(p->steps[i].nodes.nodes);
		free(p->steps[i].command);
	}
	mem_free_texts(p->warnings, p->warning_count);
	free(p->steps);
	for (size_t i = 0; i < p->load_count + p->unused_count; i++) {
		free(p->loads[i].nodes.nodes);
		free(p->loads[i].urls);
	}
	free(p->loads);
	free(p->nodes.nodes);
	*p = (struct plan){0};
}

char *plan_load_file(const struct plan *p, size_t load, const char *stem, const char *ending)
{
	return p->load_count > 1 ? mem_printf("%s.%s%s", stem, p->loads[load].name, ending)
				 : mem_printf("%s%s", stem, ending);
}

const struct scenario_phase *plan_phase(const struct plan *p, int64_t at_ns)
{
	const struct scenario *s = p->scenario;
	size_t i = 0;
	while (i + 1 < s->phase_count && s->phases[i + 1].start_ns <= at_ns)
		i++;
	return &s->phases[i];
}

int64_t plan_open_end(const struct plan *p, int64_t at_ns)
{
	const struct scenario *s = p->scenario;
	for (size_t i = 0; i < s->phase_count; i++) {
		int64_t end_ns = s->phases[i].start_ns + s->phases[i].duration_ns;
		if (s->phases[i].until_recovered && end_ns > at_ns)
			return end_ns;
	}
	return INT64_MAX;
}

void plan_end_phase(struct plan *p, const struct scenario_phase *phase, int64_t at_ns)
{
	struct scenario *s = p->scenario;
	size_t ended = (size_t)(phase - s->phases);
	int64_t earlier_ns = phase->start_ns + phase->duration_ns - at_ns;
	for (size_t i = 0; i < p->step_count; i++)
		if (p->steps[i].phase > phase)
			p->steps[i].at_ns -= earlier_ns;
	for (size_t i = ended + 1; i < s->phase_count; i++)
		s->phases[i].start_ns -= earlier_ns;
	s->phases[ended].duration_ns -= earlier_ns;
	s->phases[ended].until_recovered = false;
	s->duration_ns -= earlier_ns;
}

/* --- when a fault ends ---------------------------------------------------- */

static bool shares_node(const struct step *a, const struct step *b)
{
	for (size_t i = 0; i < a->nodes.count; i++)
		for (size_t k = 0; k < b->nodes.count; k++)
			if (a->nodes.nodes[i] == b->nodes.nodes[k])
				return true;
	return false;
}

bool plan_is_fault(const struct step *s)
{
	return s->kind == STEP_FAULT && s->action->type->undo;
}

int64_t plan_end_of(const struct plan *p, const struct step *s)
{
	if (s->action->for_ns && s->at_ns + s->action->for_ns < p->scenario->duration_ns)
		return s->at_ns + s->action->for_ns;
	for (const struct step *t = s + 1; s->silent && !s->action->for_ns && t < p->steps + p->step_count; t++)
		if (t->kind == STEP_FAULT && !plan_is_fault(t) && shares_node(s, t))
			return t->at_ns;
	return p->scenario->duration_ns;
}

/* --- for people ---------------------------------------------------------- */

static void print_nodes(const struct node_set *set, struct buf *out)
{
	for (size_t i = 0; i < set->count; i++)
		buf_addf(out, "%s%s", i ? ", " : "", set->nodes[i]->name);
}

static void print_load(const struct plan *p, const struct step *s, struct buf *out)
{
	const struct plan_load *l = &p->loads[s->load];
	char span[SPAN_MAX];
	buf_addf(out, "  %s ", l->name);
	if (s->replays)
		buf_addstr(out, "by its log");
	else if (s->to_rps < s->rps || s->to_rps > s->rps)
		buf_addf(out, "%.12g..%.12g in %s/s", s->rps, s->to_rps, span_format(s->ramp_ns, span));
	else
		buf_addf(out, "%.12g/s", s->rps);
	buf_addstr(out, " on ");
	print_nodes(&l->nodes, out);
	if (l->url_count > l->nodes.count)
		buf_addf(out, "%s%zu URLs", l->nodes.count ? " and " : "", l->url_count - l->nodes.count);
	if (load_on(p, l))
		buf_addf(out, ", from %s", load_on(p, l)->text);
}

static void print_expected(const struct placed *all, size_t count, const char *indent, struct buf *out)
{
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "\n%10s  %sexpects %s", "", indent, all[i].text);
}

/* Steady state and stop conditions. */
static void print_checks(const struct scenario_checks *all, struct buf *out)
{
	char text[EXPECT_TEXT];
	for (size_t i = 0; i < all->count; i++) {
		const struct scenario_check *c = &all->all[i];
		check_describe(c, text, sizeof text);
		buf_addf(out, "%10s  %s%s", "", c->stop ? "stops if " : "steady: ", text);
		if (c->stop && c->kind != CHECK_RULE)
			buf_addstr(out, c->kind == CHECK_FILE ? " is there" : " fails");
		else if (c->kind != CHECK_RULE)
			buf_addf(out, " (%s)", check_mode(c));
		buf_addch(out, '\n');
	}
}

static void print_step(const struct plan *p, const struct step *s, struct buf *out)
{
	char at[SPAN_MAX], span[SPAN_MAX];
	buf_addf(out, "%10s  ", span_format(p->seeded ? s->at_ns : s->at_ns - s->late_ns, at));
	switch (s->kind) {
	case STEP_PHASE:
		buf_addf(out, "%s (%s%s)", s->phase->name, s->phase->until_recovered ? "until recovered, at most " : "",
			 span_format(s->phase->duration_ns, span));
		print_expected(s->phase->expect, s->phase->expect_count, "", out);
		break;
	case STEP_RATE:
		print_load(p, s, out);
		break;
	case STEP_FAULT:
		buf_addf(out, "  %s", s->command);
		if (s->action->jitter_ns && !p->seeded)
			buf_addf(out, " (up to %s later)", span_format(s->action->jitter_ns, span));
		if (plan_is_fault(s))
			buf_addf(out, "\n%10s      lifted at %s: %s", "",
				 span_format(plan_end_of(p, s) - (p->seeded ? 0 : s->late_ns), span), s->action->type->undo);
		print_expected(s->action->expect, s->action->expect_count, "  ", out);
		break;
	case STEP_DROPPED:
		break;
	}
	buf_addch(out, '\n');
}

void plan_print(const struct plan *p, struct buf *out)
{
	char span[SPAN_MAX];
	const struct node_set *nodes = &p->loads[0].nodes;
	const char *mode = conf_mode_name(nodes->count ? nodes->nodes[0]->mode : p->mode);
	bool several = p->load_count > 1;
	buf_addf(out, "%s: %zu phase%s, %s%s%s\n", p->scenario->name, p->scenario->phase_count,
		 p->scenario->phase_count == 1 ? "" : "s",
		 span_format(p->scenario->duration_ns, span), several ? "" : ", ", several ? "" : mode);
	print_checks(&p->scenario->checks, out);
	for (size_t i = 0; i < p->step_count; i++)
		if (p->steps[i].kind != STEP_DROPPED)
			print_step(p, &p->steps[i], out);
	buf_addf(out, "%10s  end%s\n", span_format(p->scenario->duration_ns, span),
		 plan_open_end(p, 0) < INT64_MAX ? " at the latest" : "");
}
