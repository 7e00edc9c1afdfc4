#include "prepare/steps/targets.h"

#include "base/suggest.h"
#include "base/units.h"
#include "conf/via.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void plan_warn(struct plan *p, char *text)
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

/* The place of a node among those of its mode, from 0. */
static size_t ordinal_of(const struct config *c, const struct node_conf *n)
{
	size_t i = 0;
	while (config_nth(c, n->mode, i) && config_nth(c, n->mode, i) != n)
		i++;
	return i;
}

/* A name is that node. Only a scenario that names a mode and no load, as they were written before loads
 * had names, may mean the node of the same number of that mode. */
static const struct node_conf *find_node(struct plan *p, const char *file, const struct placed *t,
					 struct err *e)
{
	const struct node_conf *named = config_node(p->config, t->text);
	struct err why;
	if (!named && config_check_target(p->config, t->text, &why)) {
		place_err(file, t->at, e, "%s", why.msg);
		return NULL;
	}
	if (named->mode == p->mode || !p->twins)
		return named;
	size_t ordinal = ordinal_of(p->config, named);
	const struct node_conf *twin = config_nth(p->config, p->mode, ordinal);
	if (!twin) {
		place_err(file, t->at, e,
			     "'%s' stands for %s node %zu, and the config has no such node", t->text,
			     conf_mode_name(p->mode), ordinal + 1);
		return NULL;
	}
	plan_warn(p, mem_printf("in %s mode '%s' stands for '%s', the node of the same number",
			   conf_mode_name(p->mode), t->text, twin->name));
	return twin;
}

static void warn_late_end(struct plan *p, const struct step *s)
{
	char span[SPAN_MAX], whole[SPAN_MAX];
	const struct conf_place *at = &s->action->place;
	if (s->at_ns + s->action->for_ns > p->scenario->duration_ns)
		plan_warn(p, mem_printf("%s:%d:%d: 'for' (%s) goes beyond the end of the scenario: '%s' is lifted at %s",
				   p->scenario->path, at->line, at->column, span_format(s->action->for_ns, span),
				   s->action->verb, span_format(p->scenario->duration_ns, whole)));
}

void targets_warn(struct plan *p)
{
	for (size_t i = 0; i < p->step_count; i++)
		if (p->steps[i].kind == STEP_FAULT && p->steps[i].action->for_ns)
			warn_late_end(p, &p->steps[i]);
	for (size_t i = 0; i < p->nodes.count; i++) {
		const struct node_conf *n = p->nodes.nodes[i];
		const char *missing = via_unannounced(n);
		if (missing)
			plan_warn(p, mem_printf("'%s' announces an address that goes round its proxy: '%s' is not %s", n->name,
					   missing, strrchr(n->via, ':') + 1));
	}
}

void node_set_add(struct node_set *set, const struct node_conf *n)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->nodes[i] == n)
			return;
	set->nodes = mem_realloc(set->nodes, set->count + 1, sizeof(*set->nodes));
	set->nodes[set->count++] = n;
}

void node_set_add_mode(struct node_set *set, const struct plan *p, bool listed)
{
	for (size_t k = 0; k < p->config->node_count; k++) {
		const struct node_conf *n = &p->config->nodes[k];
		if (n->mode == p->mode && (!listed || config_in_all(p->config, n)))
			node_set_add(set, n);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct node_conf *const *x = a, *const *y = b;
	return *x < *y ? -1 : *x > *y;
}

int targets_resolve(struct plan *p, const char *file, const struct placed *targets, size_t count,
		    struct node_set *set, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		bool all = strcmp(targets[i].text, SCENARIO_ALL_NODES) == 0;
		const struct node_conf *n = all ? NULL : find_node(p, file, &targets[i], e);
		if (!all && !n)
			return -1;
		if (all)
			node_set_add_mode(set, p, true);
		else
			node_set_add(set, n);
	}
	if (set->count == 0)
		return err_usage(e, "the config names no %s nodes", conf_mode_name(p->mode));
	qsort(set->nodes, set->count, sizeof(*set->nodes), by_place);
	return 0;
}

/* --- loads -------------------------------------------------------------- */

static const char unnamed[] = "load"; /* what a load that no 'loads' has is called */

/* The scenario's own loads come before those of the config. */
static const struct load_conf *configured(const struct plan *p, size_t i)
{
	size_t own = p->scenario->loads.count;
	if (i < own)
		return &p->scenario->loads.all[i];
	return i < own + p->config->loads.count ? &p->config->loads.all[i - own] : NULL;
}

static bool names_nodes(const struct scenario_action *a)
{
	return a->target_count > 1 || strcmp(a->targets[0].text, SCENARIO_ALL_NODES) != 0;
}

/* *conf is NULL where none is configured, or the action names nodes itself. */
static int find_conf(const struct plan *p, const struct scenario_action *a, const struct load_conf **conf,
		     struct err *e)
{
	const char *near = NULL, *none = configured(p, 0) ? "; no 'loads' has it" :
		"; neither config nor scenario has 'loads': chaos-init writes a config with a load 'main', see chaos-config(5)";
	for (size_t i = 0; (*conf = configured(p, i)); i++) {
		if (a->load ? strcmp((*conf)->name, a->load) == 0 : !configured(p, 1) && !names_nodes(a))
			return 0;
		if (a->load)
			suggest(a->load, (*conf)->name, &near);
	}
	if (a->load)
		return place_err(p->scenario->path, a->load_place, e, "unknown load '%s'%s%s%s", a->load,
				 SUGGESTED(near, none));
	if (configured(p, 0) && !names_nodes(a))
		return place_err(p->scenario->path, a->place, e, "start_load needs a load, such as 'load: %s'",
				 configured(p, 0)->name);
	return 0;
}

static void add_url(struct plan_load *l, const char *url)
{
	l->urls = mem_realloc(l->urls, l->url_count + 1, sizeof(*l->urls));
	l->urls[l->url_count++] = url;
}

/* Where it goes: nodes by name, and URLs; to the targets given if it is not configured. */
static int set_targets(struct plan *p, struct plan_load *l, const struct placed *targets, size_t count, struct err *e)
{
	static const struct placed all = {.text = (char *)(uintptr_t)SCENARIO_ALL_NODES};
	const struct load_conf *c = l->conf;
	const char *file = c ? c->file : p->scenario->path;
	if (c) {
		targets = c->target_count ? c->targets : &all;
		count = c->target_count ? c->target_count : 1;
	}
	for (size_t i = 0; i < count; i++) {
		if (c && strstr(targets[i].text, "://"))
			add_url(l, targets[i].text);
		else if (targets_resolve(p, file, &targets[i], 1, &l->nodes, e))
			return -1;
	}
	for (size_t i = 0; i < l->nodes.count; i++)
		add_url(l, l->nodes.nodes[i]->full_url);
	return 0;
}

static struct plan_load *add_load(struct plan *p, const struct load_conf *conf)
{
	size_t count = p->load_count + p->unused_count;
	p->loads = mem_realloc(p->loads, count + 1, sizeof *p->loads);
	p->loads[count] = (struct plan_load){.name = conf ? conf->name : unnamed, .conf = conf, .last_rps = -1};
	return &p->loads[count];
}

int plan_add_unused(struct plan *p, struct err *e)
{
	const struct load_conf *conf;
	for (size_t i = 0, k; (conf = configured(p, i)); i++) {
		for (k = 0; k < p->load_count && p->loads[k].conf != conf; k++)
			;
		struct plan_load *l = k < p->load_count ? NULL : add_load(p, conf);
		p->unused_count += l != NULL;
		if (l && set_targets(p, l, NULL, 0, e))
			return -1;
	}
	return 0;
}

int plan_loads_of(struct plan *p, const struct scenario_action *a, size_t *first, size_t *end,
		  struct err *e)
{
	const struct load_conf *conf;
	*first = 0;
	*end = p->load_count;
	/* Of several, one that is not named is none in particular: all go on, all stop. */
	if (!a->load && !a->type->needs_rps && a->rps < 0 && !names_nodes(a) && p->load_count)
		return 0;
	if (find_conf(p, a, &conf, e))
		return -1;
	if (a->load && names_nodes(a))
		return place_err(p->scenario->path, a->targets[0].at, e,
				 "the load '%s' has a 'target' of its own", a->load);
	for (*first = 0; *first < p->load_count && p->loads[*first].conf != conf; ++*first)
		;
	*end = *first + 1;
	if (*first == p->load_count) {
		for (size_t i = 0; i < p->load_count; i++) /* rows and summaries bear the name */
			if (strcmp(p->loads[i].name, conf ? conf->name : unnamed) == 0)
				return place_err(p->scenario->path, a->place, e,
						 "a load without a name is '%s', and so is a configured one: name that "
						 "otherwise", unnamed);
		struct plan_load *l = add_load(p, conf);
		p->load_count++;
		int rc = set_targets(p, l, a->targets, a->target_count, e);
		for (size_t i = 0; i < l->nodes.count; i++)
			node_set_add(&p->nodes, l->nodes.nodes[i]);
		return rc;
	}
	if (conf)
		return 0;
	const struct node_set *before = &p->loads[*first].nodes;
	struct node_set now = {0};
	int rc = targets_resolve(p, p->scenario->path, a->targets, a->target_count, &now, e);
	if (!rc && (now.count != before->count ||
		    memcmp(now.nodes, before->nodes, now.count * sizeof(*now.nodes)) != 0))
		rc = place_err(p->scenario->path, a->targets[0].at, e,
			       "all loads without a name must have the same targets");
	free(now.nodes);
	return rc;
}

const struct placed *load_on(const struct plan *p, const struct plan_load *l)
{
	const struct placed *all = &p->config->loads.defaults.on;
	if (l->conf && l->conf->on.text)
		return &l->conf->on;
	return all->text ? all : NULL;
}
