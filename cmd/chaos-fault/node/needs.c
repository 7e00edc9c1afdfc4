#include "node/needs.h"

#include "base/buf.h"
#include "node/node.h"

#include <stdlib.h>
#include <string.h>

/* The config has no name that is none. */
static struct node *need(const struct node *n, const char *name)
{
	const struct config *c = n->fleet->config;
	return &n->fleet->nodes[config_node(c, name) - c->nodes];
}

static size_t add(struct node *n, struct node **nodes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (nodes[i] == n)
			return count;
	for (char **name = n->conf->needs; name && *name; name++)
		count = add(need(n, *name), nodes, count);
	nodes[count++] = n;
	return count;
}

size_t needs_add(struct node **nodes, size_t count)
{
	struct node **given = mem_alloc((count + 1) * sizeof(*given));
	size_t all = 0;
	memcpy(given, nodes, count * sizeof(*given));
	for (size_t i = 0; i < count; i++)
		all = add(given[i], nodes, all);
	free(given);
	return all;
}

static bool is_coming(const struct node *n)
{
	const struct work *w = n->current ? n->current : n->first;
	while (w && w->verb->starts != STARTS_IF_DOWN)
		w = w == n->current ? n->first : w->next;
	return w;
}

enum verdict needs_met(const struct node *n, struct err *e)
{
	for (char **name = n->conf->needs; name && *name; name++) {
		struct node *at = need(n, *name);
		bool coming = is_coming(at);
		err_runtime(e, "'%s', which it needs, is not up%s", *name, coming ? " yet" : "");
		if (coming || at->not_ready || node_look(at) != NODE_UP)
			return coming ? VERDICT_WAIT : VERDICT_NO;
	}
	return VERDICT_YES;
}

const char *needs_starting(const struct node *n)
{
	const struct config *c = n->fleet->config;
	for (char **name = n->conf->needs; name && *name; name++) {
		const struct task *t = config_node(c, *name) ? &need(n, *name)->task : NULL;
		if (t && t->running && t->launch)
			return *name;
	}
	return NULL;
}
