#include "faults/action.h"

#include "base/buf.h"
#include "faults/built_in.h"
#include "seam.h"

#include <stdio.h>
#include <string.h>

int action_plan_running(struct node *n, struct err *e)
{
	const char *name = n->conf->name;
	switch (node_look(n)) {
	case NODE_UP:
		return 0;
	case NODE_PAUSED:
		return err_usage(e, "'%s' is paused already; 'chaos-fault resume %s' lets it go on",
				 name, name);
	case NODE_FOREIGN:
		return node_err_foreign(n, e);
	case NODE_DOWN:
	case NODE_UNKNOWN:
		break;
	}
	return err_usage(e, "'%s' is not running; 'chaos-fault start %s' starts it", name, name);
}

static int plan_startable(struct node *n, struct err *e)
{
	return node_look(n) == NODE_FOREIGN ? node_err_foreign(n, e) : 0;
}

const struct action action_kill = {
	.name = "kill",
	.does = ACT_KILL,
	.undoes = ACT_START,
	.uid_prefix = 'f',
	.past = "killed",
	.by_hand = "restart",
	.ends_with_node = true,
	.can_stay = true,
	.takes_signal = true,
	.node_down = true,
	.plan = action_plan_running,
	.verify_within_ns = 5 * BOUND_S,
};

const struct action action_stop = {
	.name = "stop",
	.does = ACT_TERM,
	.undoes = ACT_START,
	.uid_prefix = 'f',
	.past = "stopped",
	.by_hand = "restart",
	.ends_with_node = true,
	.can_stay = true,
	.node_down = true,
	.plan = action_plan_running,
	.verify_within_ns = TERM_WITHIN_NS,
};

const struct action action_pause = {
	.name = "pause",
	.does = ACT_PAUSE,
	.undoes = ACT_RESUME,
	.uid_prefix = 'f',
	.past = "paused",
	.by_hand = "resume",
	.ends_with_node = true,
	.plan = action_plan_running,
	.verify_within_ns = 5 * BOUND_S,
};

const struct action action_bring_up = {
	.name = "bring-up",
	.effect = EFFECT_NONE,
	.does = ACT_START,
	.undoes = ACT_TERM,
	.uid_prefix = 'u',
	.past = "started",
	.by_hand = "down",
	.ends_with_node = true,
	.plan = plan_startable,
	.reverted_within_ns = TERM_WITHIN_NS,
};

static const char *const effects[] = {
	[EFFECT_SILENT] = "silent", [EFFECT_DEGRADED] = "degraded", [EFFECT_NONE] = "none"};

const char *action_effect_name(enum action_effect effect)
{
	return effects[effect];
}

int action_effect_of(const char *word)
{
	for (int i = 0; i < (int)ARRAY_LEN(effects); i++)
		if (strcmp(effects[i], word) == 0)
			return i;
	return -1;
}

struct step action_injection(const struct action *a, const struct node *n)
{
	return a->inject.begin ? a->inject : n->kind->steps[a->does];
}

struct step action_undo(const struct action *a, const struct node *n)
{
	return a->revert.look ? a->revert : n->kind->steps[a->undoes];
}

#define ENTRY(name, help) &action_##name,
static const struct action *const built_in[] = {BUILT_IN_FAULTS(ENTRY)};

const struct action *action_at(size_t i)
{
	return i < ARRAY_LEN(built_in) ? built_in[i] : NULL;
}

const struct action *action_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(built_in); i++)
		if (strcmp(built_in[i]->name, name) == 0)
			return built_in[i];
	return strcmp(action_bring_up.name, name) == 0 ? &action_bring_up : NULL;
}

const char *action_by_hand(const struct action *a, const struct node *n, const char *uid, char *out,
			   size_t size)
{
	struct buf config = BUF_INIT;
	buf_addword(&config, n->fleet->config->path);
	if (a->by_hand)
		snprintf(out, size, "chaos-fault --config %s %s %s", config.data, a->by_hand, n->conf->name);
	else
		snprintf(out, size, "chaos-fault undo %s", uid);
	buf_release(&config);
	return out;
}
