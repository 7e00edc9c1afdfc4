#include "conf/scenario.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/suggest.h"
#include "base/units.h"
#include "conf/yaml.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

static const struct action_type types[] = {
	{.name = "start_load", .kind = ACTION_LOAD, .needs_rps = true, .takes_rps = true},
	{.name = "continue_load", .kind = ACTION_LOAD, .takes_rps = true},
	{.name = "stop_load", .kind = ACTION_LOAD_STOP},
	{.name = "kill_node", .kind = ACTION_NODE, .verb = "kill", .undo = "start"},
	{.name = "stop_node", .kind = ACTION_NODE, .verb = "stop", .undo = "start"},
	{.name = "pause_node", .kind = ACTION_NODE, .verb = "pause", .undo = "resume"},
	{.name = "restart_node", .kind = ACTION_NODE, .verb = "restart"},
	{.name = "start_node", .kind = ACTION_NODE, .verb = "start"},
	{.name = "resume_node", .kind = ACTION_NODE, .verb = "resume"},
};

static const int64_t times_max = 1000;
static const double max_rps = 1e6;
static const int64_t seed_max = INT64_C(9000000000000000);
static const int64_t max_run_ns = 366 * 86400 * NS_PER_S;
static const char name_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789_-";

/* --- actions -------------------------------------------------------------- */

int scenario_unknown(const struct scenario *s, const struct scenario_action *a, const char *near,
		     struct err *e)
{
	const char *ours = NULL;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		suggest(a->program, types[i].name, &ours);
		if (types[i].verb && strcmp(near ? near : a->program, types[i].verb) == 0)
			ours = types[i].name;
	}
	near = ours ? ours : near;
	return place_err(s->path, a->type_place, e, "unknown action '%s'%s%s%s", a->program,
			 SUGGESTED(near, "; see chaos-scenario(5)"));
}

/* A word of its own action, or the name of a fault program, which chaos-fault alone knows. */
static int load_type(const struct scenario *s, struct scenario_action *a, struct ynode n,
		     struct err *e)
{
	static const struct action_type program = {.kind = ACTION_NODE, .undo = "revert"};
	static const char *const not_faults[] = {"up", "down", "revert", ""};
	const char *word = ynode_text(n);
	if (!word)
		return ynode_err(n, e, "an action's 'type' is one word, such as kill_node");
	a->type_place = ynode_place(n);
	bool refused = word[strspn(word, name_chars)];
	for (size_t i = 0; i < ARRAY_LEN(not_faults); i++)
		refused |= strcmp(not_faults[i], word) == 0;
	for (size_t i = 0; i < ARRAY_LEN(types) && !a->type; i++) {
		if (strcmp(types[i].name, word) == 0)
			a->type = &types[i];
		refused |= types[i].verb && strcmp(types[i].verb, word) == 0;
	}
	if (!a->type)
		a->program = mem_strdup(word);
	a->verb = a->type ? a->type->verb : a->program;
	if (!a->type && refused)
		return scenario_unknown(s, a, NULL, e);
	a->type = a->type ? a->type : &program;
	return 0;
}

/* The keys of a program's action that every action has not are its parameters. */
static int load_params(struct scenario_action *a, struct ynode map, const char *const *known,
		       struct err *e)
{
	struct buf text = BUF_INIT;
	struct ynode k, v;
	for (size_t i = 0; i < ynode_count(map); i++) {
		size_t j = 0;
		ynode_pair(map, i, &k, &v);
		const char *key = ynode_text(k), *value = ynode_text(v);
		while (known[j] && strcmp(known[j], key) != 0)
			j++;
		if (known[j])
			continue;
		if (key[strspn(key, name_chars)] || !value || value[strcspn(value, " \t\r\n")]) {
			buf_release(&text);
			return ynode_err(k, e, "'%s': a fault's parameter is one word", key);
		}
		buf_addf(&text, " %s=%s", key, value);
	}
	a->params = text.len ? buf_detach(&text) : NULL;
	return 0;
}

static int load_targets(struct scenario_action *a, struct ynode map, struct err *e)
{
	struct ynode n = ynode_get(map, "target");
	if (ynode_is_null(n)) {
		if (a->type->kind == ACTION_NODE)
			return ynode_err(map, e, "%s needs a 'target'",
					 a->program ? a->program : a->type->name);
		a->targets = mem_alloc(sizeof *a->targets);
		a->targets[a->target_count++] =
			(struct placed){.text = mem_strdup(SCENARIO_ALL_NODES), .at = ynode_place(map)};
		return 0;
	}
	return placed_read(n, "target", &a->targets, &a->target_count, e);
}

/* No fault, but a word of ours with a slip in it: a rate is given, or nothing to act on. */
static bool is_slip(const struct scenario_action *a, struct ynode map)
{
	const char *near = NULL;
	for (size_t i = 0; a->program && i < ARRAY_LEN(types); i++)
		suggest(a->program, types[i].name, &near);
	return near && (!ynode_is_null(ynode_get(map, "rps")) || ynode_is_null(ynode_get(map, "target")));
}

/* The keys that not every action has. */
static int check_belonging(const struct action_type *t, struct ynode map, struct err *e)
{
	static const char *const of_faults[] = {"for", "pick", "all_down", "expect", "every", "times", "jitter"};
	struct ynode rps = ynode_get(map, "rps");
	struct ynode load = ynode_get(map, "load");
	if (t->name && t->kind == ACTION_NODE && !ynode_is_null(load))
		return ynode_err(load, e, "'load' does not belong to %s", t->name);
	if (ynode_is_null(rps) && ynode_is_null(load) && t->needs_rps)
		return ynode_err(map, e, "%s needs 'rps', the requests per second", t->name);
	if (!ynode_is_null(rps) && !t->takes_rps)
		return ynode_err(rps, e, "'rps' does not belong to %s", t->name ? t->name : "a fault");
	for (size_t i = 0; i < ARRAY_LEN(of_faults) && t->kind != ACTION_NODE; i++) {
		struct ynode given = ynode_get(map, of_faults[i]);
		if (!ynode_is_null(given))
			return ynode_err(given, e, "'%s' does not belong to %s", of_faults[i], t->name);
	}
	return 0;
}

/* Of a fault that is a program and comes once, 'every' and 'jitter' are its parameters. */
static bool comes_again(const struct scenario_action *a, struct ynode map)
{
	return !a->program || !ynode_is_null(ynode_get(map, "times"));
}

static int load_times(struct scenario_action *a, const struct scenario_phase *p, struct ynode map,
		      struct err *e)
{
	struct ynode at = ynode_get(map, "at"), span = ynode_get(map, "for");
	struct ynode every = {0}, times = ynode_get(map, "times"), jitter = {0};
	if (comes_again(a, map)) {
		every = ynode_get(map, "every");
		jitter = ynode_get(map, "jitter");
	}
	a->times = 1;
	if (ynode_span(at, &a->at_ns, e) || ynode_span(span, &a->for_ns, e) || ynode_span(every, &a->every_ns, e) ||
	    ynode_span(jitter, &a->jitter_ns, e) || ynode_int(times, 1, times_max, &a->times, e))
		return -1;
	if (ynode_is_null(every) != ynode_is_null(times))
		return ynode_err(map, e, "'every' and 'times' go together");
	if (a->times > 1 && (!a->for_ns || a->every_ns <= a->for_ns))
		return ynode_err(every, e, "'every' must be longer than 'for', of which a fault that comes again needs one");
	if (a->times == 1 && a->jitter_ns)
		return ynode_err(jitter, e, "'jitter' belongs to 'every'");
	if (a->times > 1 && a->every_ns - a->for_ns <= a->jitter_ns && a->jitter_ns)
		return ynode_err(jitter, e, "'jitter' must be shorter than what 'every' leaves beside 'for'");
	if (a->times > 1 && a->at_ns + (a->times - 1) * a->every_ns + a->jitter_ns >= p->duration_ns)
		return ynode_err(times, e, "the last time is not before the end of the phase '%s'", p->name);
	if (a->at_ns >= p->duration_ns)
		return ynode_err(at, e, "'at' is not before the end of the phase '%s'", p->name);
	if (!ynode_is_null(span) && a->for_ns == 0)
		return ynode_err(span, e, "'for' must be more than 0");
	return 0;
}

static int load_pick(struct scenario_action *a, struct ynode pick, struct err *e)
{
	struct err why = {.msg = "'pick' is one word"};
	if (ynode_is_null(pick) || (ynode_text(pick) && !pick_parse(ynode_text(pick), &a->pick, &why)))
		return 0;
	return ynode_err(pick, e, "%s", why.msg);
}

static int load_action(const struct scenario *s, struct scenario_phase *p, struct ynode map,
		       struct err *e)
{
	static const char *const keys[] = {"load", "type", "target",   "rps", "at",
					   "for",  "pick", "all_down", "expect", "times", "every", "jitter", NULL};
	/* A program may have a parameter load. */
	static const char *const once[] = {"type", "target", "rps", "at", "for", "pick", "all_down", "expect", "times", NULL};
	struct scenario_action *a = &p->actions[p->action_count++];
	a->rps = -1;
	a->place = ynode_place(map);
	struct ynode type = ynode_get(map, "type");
	if ((!ynode_is_null(type) && load_type(s, a, type, e)) ||
	    ynode_check_keys(map, a->program ? NULL : keys, e) || ynode_check_values(map, NULL, e))
		return -1;
	if (!a->type)
		return ynode_err(map, e, "the action has no 'type'");
	if (a->program && load_params(a, map, comes_again(a, map) ? keys + 1 : once, e))
		return -1;
	if (is_slip(a, map))
		return scenario_unknown(s, a, NULL, e);
	if (check_belonging(a->type, map, e) ||
	    ynode_double(ynode_get(map, "rps"), 0, max_rps, &a->rps, e) || load_times(a, p, map, e) ||
	    load_pick(a, ynode_get(map, "pick"), e) ||
	    ynode_bool(ynode_get(map, "all_down"), &a->all_down, e))
		return -1;
	struct ynode expect = ynode_get(map, "expect");
	if (!ynode_is_null(expect) && placed_read(expect, "expectation", &a->expect, &a->expect_count, e))
		return -1;
	const char *load = NULL;
	if (a->type->kind != ACTION_NODE && ynode_str(ynode_get(map, "load"), &load, e))
		return -1;
	a->load = mem_strdup(load);
	a->load_place = ynode_place(ynode_get(map, "load"));
	return load_targets(a, map, e);
}

/* --- phases --------------------------------------------------------------- */

static int load_duration(struct scenario_phase *p, struct ynode map, struct err *e)
{
	struct ynode sec = ynode_get(map, "duration_sec"), span = ynode_get(map, "duration");
	struct ynode given = ynode_is_null(sec) ? span : sec;
	if (ynode_is_null(given))
		return ynode_err(map, e, "the phase '%s' has no 'duration'", p->name);
	if (!ynode_is_null(sec) && !ynode_is_null(span))
		return ynode_err(span, e, "the phase '%s' has 'duration' and 'duration_sec'", p->name);
	if (ynode_span(given, &p->duration_ns, e))
		return -1;
	if (p->duration_ns <= 0 || p->duration_ns > max_run_ns)
		return ynode_err(given, e, "a phase must last more than 0 and at most a year");
	struct ynode until = ynode_get(map, "until");
	const char *word = NULL;
	if (ynode_str(until, &word, e))
		return -1;
	if (word && strcmp(word, "recovered") != 0)
		return ynode_err(until, e, "a phase lasts 'until: recovered' or its whole 'duration', not until '%s'", word);
	p->until_recovered = word;
	p->until_place = ynode_place(until);
	return 0;
}

static int load_phase(struct scenario *s, struct ynode map, struct err *e)
{
	static const char *const keys[] = {"name", "duration_sec", "duration", "until", "actions", "expect", NULL};
	struct scenario_phase *p = &s->phases[s->phase_count++];
	const char *name = NULL;
	p->place = ynode_place(map);
	p->start_ns = s->duration_ns;
	if (ynode_check_keys(map, keys, e) || ynode_check_values(map, "actions", e) || ynode_str(ynode_get(map, "name"), &name, e))
		return -1;
	/* Names are shown, and stand in one line. */
	p->name = name ? mem_strdup(name) : mem_printf("phase-%zu", s->phase_count);
	plain_line(p->name);
	if (load_duration(p, map, e))
		return -1;
	s->duration_ns += p->duration_ns;
	struct ynode actions = ynode_get(map, "actions"), expect = ynode_get(map, "expect");
	if (!ynode_is_null(expect) && placed_read(expect, "expectation", &p->expect, &p->expect_count, e))
		return -1;
	if (ynode_is_null(actions))
		return 0;
	if (ynode_kind(actions) != YNODE_LIST)
		return ynode_err(actions, e, "'actions' must be a list of actions");
	p->actions = mem_alloc((ynode_count(actions) + 1) * sizeof *p->actions);
	for (size_t i = 0; i < ynode_count(actions); i++)
		if (load_action(s, p, ynode_item(actions, i), e))
			return -1;
	return 0;
}

static int load_root(struct scenario *s, struct ynode root, struct err *e)
{
	static const char *const keys[] = {"name", "description", "loads", "phases", "seed", "steady_state",
					   "stop_conditions", NULL};
	const char *name = "scenario", *description = NULL;
	if (ynode_check_keys(root, keys, e) || ynode_check_values(root, "description", e) || ynode_str(ynode_get(root, "name"), &name, e) ||
	    ynode_str(ynode_get(root, "description"), &description, e) ||
	    load_confs_read(&s->loads, (struct ynode){0}, ynode_get(root, "loads"), s->path, e) ||
	    ynode_int(ynode_get(root, "seed"), 0, seed_max, &s->seed, e) ||
	    checks_read(&s->checks, ynode_get(root, "steady_state"), false, e) ||
	    checks_read(&s->checks, ynode_get(root, "stop_conditions"), true, e))
		return -1;
	s->name = mem_strdup(name);
	plain_line(s->name);
	s->description = mem_strdup(description);
	struct ynode phases = ynode_get(root, "phases");
	if (ynode_kind(phases) == YNODE_NONE)
		return ynode_err(root, e, "the scenario has no 'phases'");
	if (ynode_kind(phases) != YNODE_LIST || ynode_count(phases) == 0)
		return ynode_err(phases, e, "'phases' is a list of at least one phase");
	s->phases = mem_alloc(ynode_count(phases) * sizeof *s->phases);
	for (size_t i = 0; i < ynode_count(phases); i++) {
		if (load_phase(s, ynode_item(phases, i), e))
			return -1;
		if (s->duration_ns > max_run_ns)
			return ynode_err(ynode_item(phases, i), e, "the run lasts longer than a year");
	}
	return 0;
}

int scenario_parse(struct scenario *s, const char *text, size_t len, const char *path,
		   struct err *e)
{
	*s = (struct scenario){.path = mem_strdup(path), .seed = -1};
	struct yaml_doc *doc = yaml_parse(text, len, path, e);
	if (!doc)
		return -1;
	int rc = load_root(s, yaml_root(doc), e);
	yaml_doc_free(doc);
	return rc;
}

int scenario_load(struct scenario *s, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	*s = (struct scenario){0};
	int rc = file_read(path, &b, e);
	if (!rc)
		rc = scenario_parse(s, b.data, b.len, path, e);
	buf_release(&b);
	return rc;
}

void scenario_action_release(struct scenario_action *a)
{
	placed_release(a->targets, a->target_count);
	placed_release(a->expect, a->expect_count);
	free(a->load);
	free(a->program);
	free(a->params);
	*a = (struct scenario_action){0};
}

static void release_phase(struct scenario_phase *p)
{
	for (size_t i = 0; i < p->action_count; i++)
		scenario_action_release(&p->actions[i]);
	placed_release(p->expect, p->expect_count);
	free(p->actions);
	free(p->name);
}

void scenario_release(struct scenario *s)
{
	for (size_t i = 0; i < s->phase_count; i++)
		release_phase(&s->phases[i]);
	free(s->phases);
	load_confs_release(&s->loads);
	checks_release(&s->checks);
	free(s->path);
	free(s->name);
	free(s->description);
	*s = (struct scenario){0};
}
