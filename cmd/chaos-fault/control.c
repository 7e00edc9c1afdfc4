#include "control.h"

#include "action.h"
#include "base/units.h"
#include "verb.h"

#include <stdio.h>
#include <string.h>

struct words {
	char *items[CONTROL_WORDS_MAX];
	size_t count;
};

static int split(char *line, struct words *w, struct err *e)
{
	char *save = NULL;
	w->count = 0;
	for (char *s = strtok_r(line, " \t\r", &save); s; s = strtok_r(NULL, " \t\r", &save)) {
		if (w->count == CONTROL_WORDS_MAX)
			return err_usage(e, "more than %d words in one line", CONTROL_WORDS_MAX);
		w->items[w->count++] = s;
	}
	return 0;
}

/* Takes "for D" off the end. */
static int take_for(struct words *w, struct control *c, struct err *e)
{
	if (w->count >= 1 && strcmp(w->items[w->count - 1], "for") == 0)
		return err_usage(e, "'for' needs a time span: for 10s");
	if (w->count < 2 || strcmp(w->items[w->count - 2], "for") != 0)
		return 0;
	if (span_parse(w->items[w->count - 1], &c->for_ns))
		return err_usage(e, "'for %s': not a time span (20, 20s, 150ms, 1m30s)",
				 w->items[w->count - 1]);
	w->count -= 2;
	return 0;
}

static int parse_revert(const struct words *w, size_t at, struct control *c, struct err *e)
{
	c->verb = &verb_revert;
	if (w->count != at + 1)
		return err_usage(e, "revert takes one UID of a fault, or 'all'");
	if (snprintf(c->uid, sizeof c->uid, "%s", w->items[at]) >= (int)sizeof c->uid)
		return err_usage(e, "'%.40s' is no UID of a fault", w->items[at]);
	return 0;
}

static int parse_nodes(struct fleet *f, const struct words *w, size_t at, struct control *c,
		       struct err *e)
{
	if (at == w->count)
		return err_usage(e, "%s: which node?", c->verb->name);
	for (; at < w->count; at++) {
		struct node *n = fleet_node(f, w->items[at], e);
		if (!n)
			return -1;
		for (size_t i = 0; i < c->node_count; i++)
			if (c->nodes[i] == n)
				return err_usage(e, "'%s' stands twice", w->items[at]);
		c->nodes[c->node_count++] = n;
	}
	return 0;
}

int control_parse(struct fleet *f, char *line, struct control *c, struct err *e)
{
	struct words w;
	size_t at = 0;
	*c = (struct control){.at_ns = -1, .for_ns = -1};
	if (split(line, &w, e))
		return -1;
	c->nothing = w.count == 0 || w.items[0][0] == '#';
	if (c->nothing)
		return 0;
	if (w.items[0][0] == '@' && span_parse(w.items[at++] + 1, &c->at_ns))
		return err_usage(e, "'%s': not a time after the start (@5, @1.5s)", w.items[0]);
	if (at == w.count)
		return err_usage(e, "'%s': what is to be done then?", w.items[0]);
	if (take_for(&w, c, e))
		return -1;
	if (at == w.count)
		return err_usage(e, "'for' stands without a command");
	const char *word = w.items[at++];
	if (strcmp(word, "revert") == 0)
		return c->for_ns >= 0 ? err_usage(e, "'for' does not go with revert")
				      : parse_revert(&w, at, c, e);
	c->verb = verb_need(word, e);
	if (!c->verb)
		return -1;
	if (c->for_ns >= 0 && !c->verb->action)
		return err_usage(e, "'for' goes with kill, stop and pause, not with %s", word);
	return parse_nodes(f, &w, at, c, e);
}
