#include "front/command.h"

#include "faults/action.h"
#include "base/units.h"
#include "faults/exec/exec_fault.h"
#include "faults/fault.h"
#include "faults/select.h"

#include <stdio.h>
#include <string.h>

struct words {
	const char *items[COMMAND_WORDS_MAX];
	size_t count;
};

static int split(char *line, struct words *w, struct err *e)
{
	char *save = NULL;
	w->count = 0;
	for (char *s = strtok_r(line, " \t\r", &save); s; s = strtok_r(NULL, " \t\r", &save)) {
		if (w->count == COMMAND_WORDS_MAX)
			return err_usage(e, "more than %d words in one line", COMMAND_WORDS_MAX);
		w->items[w->count++] = s;
	}
	return 0;
}

/* Takes what may follow the nodes off the end, in any order. */
static int take_tails(struct words *w, struct command *c, struct err *e)
{
	for (;;) {
		const char *last = w->count ? w->items[w->count - 1] : "";
		const char *before = w->count > 1 ? w->items[w->count - 2] : "";
		bool timed = strcmp(before, "for") == 0, picked = strcmp(before, "pick") == 0;
		if (strcmp(last, "for") == 0 && !timed)
			return err_usage(e, "'for' needs a time span: for 10s");
		if (strcmp(last, "pick") == 0 && !timed)
			return err_usage(e, "'pick' needs its number of nodes, as in 'pick one'");
		if (timed && span_parse(last, &c->for_ns))
			return err_usage(e, "'for %s': not a time span (20, 20s, 150ms, 1m30s)",
					 last);
		if (!timed && picked && pick_parse(last, &c->pick, e))
			return -1;
		bool all_down = !timed && !picked && strcmp(last, "all-down") == 0;
		c->all_down |= all_down;
		if (!timed && !picked && !all_down)
			return 0;
		c->tail = all_down ? last : before;
		w->count -= all_down ? 1 : 2;
	}
}

static int parse_revert(const struct words *w, size_t at, struct command *c, struct err *e)
{
	c->verb = &verb_revert;
	if (w->count != at + 1)
		return err_usage(e, "revert takes one UID of a fault, or 'all'");
	if (snprintf(c->uid, sizeof c->uid, "%s", w->items[at]) >= (int)sizeof c->uid)
		return err_usage(e, "'%.40s' is no UID of a fault", w->items[at]);
	return 0;
}

static int parse_nodes(struct fleet *f, const struct words *w, size_t at, struct command *c,
		       struct err *e)
{
	for (; at < w->count; at++) {
		size_t before = c->node_count;
		if (strchr(w->items[at], '=')) /* a parameter */
			continue;
		if (select_named(f, w->items[at], c->nodes, &c->node_count, COMMAND_NODES_MAX, e))
			return -1;
		if (c->node_count == before)
			return err_usage(e, "'%s' is named twice", w->items[at]);
	}
	if (!c->node_count)
		return err_usage(e, "%s needs the name of a node", c->verb->name);
	return 0;
}

int command_parse(struct fleet *f, char *line, struct command *c, struct err *e)
{
	struct words w;
	size_t at = 0;
	*c = (struct command){.at_ns = -1, .for_ns = -1};
	if (split(line, &w, e))
		return -1;
	c->nothing = w.count == 0 || w.items[0][0] == '#';
	if (c->nothing)
		return 0;
	if (w.items[0][0] == '@' && span_parse(w.items[at++] + 1, &c->at_ns))
		return err_usage(e, "'%s': not a time after the start (@5, @1.5s)", w.items[0]);
	if (at == w.count)
		return err_usage(e, "'%s': the command is missing", w.items[0]);
	if (take_tails(&w, c, e))
		return -1;
	if (at >= w.count)
		return err_usage(e, "'%s': the command before it is missing", c->tail);
	const char *word = w.items[at++];
	if (strcmp(word, "revert") == 0)
		return c->tail ? err_usage(e, "'%s' does not go with revert", c->tail)
			       : parse_revert(&w, at, c, e);
	c->verb = exec_fault_verb(f, word, e);
	if (!c->verb)
		return -1;
	if (c->tail && !c->verb->action)
		return err_usage(e, "'%s' goes with faults, not with %s", c->tail,
				 word);
	if (c->for_ns >= 0 && c->verb->action->ends_target)
		return err_usage(e, "%s ends when its target has healed by itself: it takes no 'for'",
				 word);
	if (exec_fault_params(f, c->verb, w.items + at, w.count - at, &c->params, e))
		return -1;
	return parse_nodes(f, &w, at, c, e);
}
