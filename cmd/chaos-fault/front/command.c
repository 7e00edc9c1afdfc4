#include "front/command.h"

#include "faults/action.h"
#include "base/buf.h"
#include "base/units.h"
#include "faults/exec_fault.h"
#include "faults/fault.h"
#include "faults/select.h"
#include "faults/verb.h"

#include <stdio.h>
#include <string.h>

struct words {
	char *items[COMMAND_WORDS_MAX];
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

static int set_for(struct command *c, const char *span, struct err *e)
{
	if (span_parse(span, &c->for_ns))
		return err_usage(e, "'for %s': not a time span (20, 20s, 150ms, 1m30s)", span);
	return 0;
}

static int set_pick(struct command *c, const char *word, struct err *e)
{
	return pick_parse(word, &c->pick, e);
}

static int set_all_down(struct command *c, const char *none, struct err *e)
{
	(void)none;
	(void)e;
	c->all_down = true;
	return 0;
}

/* What may follow the nodes, in any order. */
static const struct tail {
	const char *word, *needs; /* needs: what must follow it, or NULL */
	int (*set)(struct command *c, const char *value, struct err *e);
} tails[] = {
	{"for", "a time span: for 10s", set_for},
	{"pick", "to know what: pick one", set_pick},
	{"all-down", NULL, set_all_down},
};

/* Takes one off the end: 1, 0 if there is none, -1. */
static int take_tail(struct words *w, struct command *c, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		const struct tail *t = &tails[i];
		size_t length = t->needs ? 2 : 1;
		if (t->needs && w->count && strcmp(w->items[w->count - 1], t->word) == 0)
			return err_usage(e, "'%s' needs %s", t->word, t->needs);
		if (w->count < length || strcmp(w->items[w->count - length], t->word) != 0)
			continue;
		const char *value = w->items[w->count - 1];
		w->count -= length;
		c->tail = t->word;
		return t->set(c, value, e) ? -1 : 1;
	}
	return 0;
}

static int take_tails(struct words *w, struct command *c, struct err *e)
{
	int rc = 1;
	while (rc > 0)
		rc = take_tail(w, c, e);
	return rc;
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

/* Words with '=' are no names of nodes. */
static int take_params(struct fleet *f, struct words *w, size_t at, struct command *c,
		       struct err *e)
{
	const char *params[COMMAND_WORDS_MAX];
	size_t count = 0, left = at;
	for (; at < w->count; at++)
		if (strchr(w->items[at], '='))
			params[count++] = w->items[at];
		else
			w->items[left++] = w->items[at];
	w->count = left;
	return exec_fault_params(f, c->verb, params, count, &c->params, e);
}

static int parse_nodes(struct fleet *f, const struct words *w, size_t at, struct command *c,
		       struct err *e)
{
	if (at == w->count)
		return err_usage(e, "%s: which node?", c->verb->name);
	for (; at < w->count; at++) {
		size_t before = c->node_count;
		if (select_named(f, w->items[at], c->nodes, &c->node_count, COMMAND_NODES_MAX, e))
			return -1;
		if (c->node_count == before)
			return err_usage(e, "'%s' is named twice", w->items[at]);
	}
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
		return err_usage(e, "'%s' goes with kill, stop and pause, not with %s", c->tail,
				 word);
	return take_params(f, &w, at, c, e) ? -1 : parse_nodes(f, &w, at, c, e);
}
