#include "faults/present.h"

#include "faults/action.h"
#include "node/node.h"

#include <string.h>

static bool excludes(const struct action *a, const char *name, bool silent)
{
	return !a || strcmp(a->name, name) == 0 || (silent && a->effect == EFFECT_SILENT);
}

struct fault *fault_in_way(const struct node *n, const struct action *a)
{
	struct fault *f = n->faults;
	while (f && (a ? !excludes(a, f->action->name, f->action->effect == EFFECT_SILENT)
		       : f->action->effect != EFFECT_SILENT))
		f = f->next;
	return f;
}

struct search {
	const struct node *node;
	const struct action *action;
	bool silent, left_over; /* only those */
	struct journal_entry *out;
};

/* A rehearsal counts as put back what dead chaos-faults left over. */
static bool is_on(void *arg, const struct journal_entry *j)
{
	const struct search *s = arg;
	const struct fleet *f = s->node->fleet;
	if (journal_is_bring_up(j) || strcmp(j->key, node_key(s->node)) != 0 ||
	    !excludes(s->action, j->action, !j->degraded) || (s->silent && j->degraded) ||
	    ((s->left_over || f->rehearsal) && journal_left_over(j, f->world) != s->left_over))
		return false;
	if (s->out)
		*s->out = *j;
	return true;
}

bool fault_on(const struct node *n, const struct action *a, struct journal_entry *out)
{
	return journal_each(n->fleet->state, is_on,
			    &(struct search){.node = n, .action = a, .out = out});
}

bool fault_silent_on(const struct node *n)
{
	return journal_each(n->fleet->state, is_on, &(struct search){.node = n, .silent = true});
}

bool fault_left_over(const struct node *n)
{
	return journal_each(n->fleet->state, is_on, &(struct search){.node = n, .left_over = true});
}
