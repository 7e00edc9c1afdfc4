#include "prepare/plan_json.h"

#include "base/units.h"
#include "prepare/loads/load_check.h"
#include "prepare/steps/targets.h"
#include "stream/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- what a fault reaches, and until when ----------------------------------- */

static size_t hits(const struct step *s)
{
	size_t n = s->action->pick.kind ? pick_how_many(&s->action->pick, s->nodes.count) : s->nodes.count;
	return n < s->nodes.count ? n : s->nodes.count;
}

/* Nodes that have a fault at that time: by name, and as many more as are picked. */
static size_t nodes_at(const struct plan *p, int64_t at_ns)
{
	struct node_set named = {0}, all = {0};
	size_t picked = 0;
	for (const struct step *s = p->steps; s < p->steps + p->step_count; s++) {
		if (!plan_is_fault(s) || s->at_ns > at_ns || plan_end_of(p, s) <= at_ns)
			continue;
		for (size_t i = 0; i < s->nodes.count; i++) {
			node_set_add(&all, s->nodes.nodes[i]);
			if (!s->action->pick.kind)
				node_set_add(&named, s->nodes.nodes[i]);
		}
		picked += s->action->pick.kind ? hits(s) : 0;
	}
	size_t count = named.count + picked < all.count ? named.count + picked : all.count;
	free(named.nodes);
	free(all.nodes);
	return count;
}

struct radius {
	struct node_set nodes; /* that a fault may hit; owned */
	size_t at_once;	       /* of them, at most */
	int64_t faulted_ns;    /* while there is any fault */
};

static void measure(const struct plan *p, struct radius *r)
{
	int64_t until_ns = 0;
	*r = (struct radius){0};
	for (const struct step *s = p->steps; s < p->steps + p->step_count; s++) {
		if (!plan_is_fault(s))
			continue;
		size_t now = nodes_at(p, s->at_ns);
		int64_t end_ns = plan_end_of(p, s), from_ns = s->at_ns > until_ns ? s->at_ns : until_ns;
		r->at_once = now > r->at_once ? now : r->at_once;
		r->faulted_ns += end_ns > from_ns ? end_ns - from_ns : 0;
		until_ns = end_ns > until_ns ? end_ns : until_ns;
		for (size_t i = 0; i < s->nodes.count; i++)
			node_set_add(&r->nodes, s->nodes.nodes[i]);
	}
}

static void say(const struct plan *p, const struct radius *r, struct buf *out)
{
	char span[SPAN_MAX], whole[SPAN_MAX];
	const char *between = "";
	if (!r->nodes.count) {
		buf_addstr(out, "no fault");
		return;
	}
	buf_addf(out, "at most %zu of %zu node%s at a time (", r->at_once, p->nodes.count, p->nodes.count == 1 ? "" : "s");
	for (size_t i = 0; i < r->nodes.count; i++)
		buf_addf(out, "%s%s", i ? ", " : "", r->nodes.nodes[i]->name);
	buf_addf(out, "), %s of %s; loads that go there:", span_format(r->faulted_ns, span),
		 span_format(p->scenario->duration_ns, whole));
	for (size_t i = 0; i < p->load_count; i++) {
		size_t reached = 0;
		for (size_t k = 0; k < p->loads[i].nodes.count; k++)
			for (size_t n = 0; n < r->nodes.count; n++)
				reached += p->loads[i].nodes.nodes[k] == r->nodes.nodes[n];
		if (reached) {
			buf_addf(out, "%s %s", between, p->loads[i].name);
			between = ",";
		}
	}
	buf_addstr(out, *between ? "" : " none, only through others");
}

void plan_blast_radius(const struct plan *p, struct buf *out)
{
	struct radius r;
	measure(p, &r);
	say(p, &r, out);
	free(r.nodes.nodes);
}

/* --- the object ------------------------------------------------------------- */

static void set_s(struct json *j, const char *key, int64_t ns)
{
	json_set_round(j, key, ns_to_s(ns), 9);
}

static void set_texts(struct json *j, const char *key, const struct placed *all, size_t count)
{
	struct json *list = json_array_new();
	for (size_t i = 0; i < count; i++)
		json_push_str(list, all[i].text);
	json_set(j, key, list);
}

static void set_nodes(struct json *j, const char *key, const struct node_set *set)
{
	struct json *list = json_array_new();
	for (size_t i = 0; i < set->count; i++)
		json_push_str(list, set->nodes[i]->name);
	json_set(j, key, list);
}

static struct json *phases(const struct plan *p)
{
	struct json *list = json_array_new();
	for (size_t i = 0; i < p->scenario->phase_count; i++) {
		const struct scenario_phase *one = &p->scenario->phases[i];
		struct json *j = json_object_new();
		json_set_str(j, "name", one->name);
		set_s(j, "start_s", one->start_ns);
		set_s(j, "duration_s", one->duration_ns);
		json_set_str(j, "until", one->until_recovered ? "recovered" : NULL);
		set_texts(j, "expect", one->expect, one->expect_count);
		json_push(list, j);
	}
	return list;
}

static struct json *fault(const struct plan *p, const struct step *s)
{
	const struct scenario_action *a = s->action;
	struct json *j = json_object_new(), *undo = json_object_new();
	const char *act = a->type->undo;
	json_set_str(j, "type", "fault");
	json_set_str(j, "action", a->verb);
	json_set_str(j, "command", s->command);
	set_nodes(j, "nodes", &s->nodes);
	json_set_str(j, "pick", a->pick.kind ? a->pick.word : NULL);
	json_set_round(j, "for_s", a->for_ns ? ns_to_s(a->for_ns) : (double)NAN, 9);
	set_s(j, "jitter_s", a->jitter_ns);
	set_texts(j, "expect", a->expect, a->expect_count);
	json_set_str(undo, "act", act);
	if (act)
		set_s(undo, "at_s", plan_end_of(p, s) - (p->seeded ? 0 : s->late_ns));
	json_set(j, "undo", undo);
	if (!act)
		json_set_null(j, "undo");
	return j;
}

static struct json *rate(const struct plan *p, const struct step *s)
{
	struct json *j = json_object_new();
	json_set_str(j, "type", "load");
	json_set_str(j, "load", p->loads[s->load].name);
	json_set_num(j, "rps", s->rps);
	json_set_num(j, "to_rps", s->to_rps);
	set_s(j, "ramp_s", s->ramp_ns);
	json_set_bool(j, "replays", s->replays);
	return j;
}

static struct json *timeline(const struct plan *p)
{
	struct json *list = json_array_new();
	for (const struct step *s = p->steps; s < p->steps + p->step_count; s++) {
		if (s->kind != STEP_FAULT && s->kind != STEP_RATE)
			continue;
		struct json *j = s->kind == STEP_FAULT ? fault(p, s) : rate(p, s);
		set_s(j, "at_s", p->seeded ? s->at_ns : s->at_ns - s->late_ns);
		json_set_str(j, "phase", s->phase->name);
		json_push(list, j);
	}
	return list;
}

static struct json *loads(const struct plan *p)
{
	struct json *list = json_array_new();
	for (size_t i = 0; i < p->load_count; i++) {
		const struct plan_load *l = &p->loads[i];
		struct json *j = json_object_new(), *urls = json_array_new();
		json_set_str(j, "name", l->name);
		json_set_bool(j, "configured", l->conf);
		set_nodes(j, "nodes", &l->nodes);
		for (size_t k = 0; k < l->url_count; k++) {
			char *shown = url_public(l->urls[k]);
			json_push_str(urls, shown);
			free(shown);
		}
		json_set(j, "urls", urls);
		set_s(j, "timeout_s", load_timeout_ns(p, l));
		json_set_str(j, "on", load_on(p, l) ? load_on(p, l)->text : NULL);
		json_push(list, j);
	}
	return list;
}

static void set_checks(const struct plan *p, struct json *j)
{
	struct json *steady = json_array_new(), *stop = json_array_new();
	char text[600];
	for (size_t i = 0; i < p->scenario->checks.count; i++) {
		const struct scenario_check *c = &p->scenario->checks.all[i];
		check_describe(c, text, sizeof text);
		json_push_str(c->stop ? stop : steady, text);
	}
	json_set(j, "steady_state", steady);
	json_set(j, "stop_conditions", stop);
}

static struct json *blast_radius(const struct plan *p)
{
	struct json *j = json_object_new();
	struct buf text = BUF_INIT;
	struct radius r;
	measure(p, &r);
	say(p, &r, &text);
	json_set_str(j, "sentence", text.data);
	json_set_int(j, "nodes_at_once", (int64_t)r.at_once);
	json_set_int(j, "nodes_of", (int64_t)p->nodes.count);
	set_nodes(j, "nodes", &r.nodes);
	set_s(j, "faulted_s", r.faulted_ns);
	buf_release(&text);
	free(r.nodes.nodes);
	return j;
}

void plan_json(const struct plan *p, const char *const *missing, struct buf *out)
{
	struct json *j = json_object_new();
	json_set_str(j, "schema", "chaos-plan/1");
	json_set_str(j, "scenario", p->scenario->name);
	json_set_str(j, "scenario_file", p->scenario->path);
	json_set_str(j, "config_file", p->config->path);
	json_set_null(j, "seed");
	if (p->seeded)
		json_set_int(j, "seed", (int64_t)p->seed);
	set_s(j, "duration_s", p->scenario->duration_ns);
	json_set(j, "phases", phases(p));
	json_set(j, "timeline", timeline(p));
	json_set(j, "loads", loads(p));
	set_nodes(j, "nodes", &p->nodes);
	set_checks(p, j);
	json_set(j, "blast_radius", blast_radius(p));
	json_set(j, "warnings", json_texts((const char *const *)p->warnings, p->warning_count));
	json_set(j, "missing", json_texts(missing, SIZE_MAX));
	json_write(j, true, out);
	buf_addch(out, '\n');
	json_free(j);
}
