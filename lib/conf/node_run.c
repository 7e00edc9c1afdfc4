#include "conf/node_run.h"

#include "base/buf.h"
#include "base/signame.h"
#include "base/suggest.h"
#include "sys/sig.h"

#include <stdlib.h>
#include <string.h>

static int load_signal(struct ynode n, char **out, struct err *e)
{
	const char *text = NULL;
	struct err why;
	if (ynode_str(n, &text, e))
		return -1;
	if (!text)
		return 0;
	int signo = sig_parse(text, &why);
	if (signo < 0)
		return ynode_err(n, e, "%s", why.msg);
	*out = mem_strdup(signal_abbrev(signo));
	return 0;
}

/* A path is relative to the folder of the config. */
static int load_path(const struct config *c, struct ynode n, char **out, struct err *e)
{
	const char *text = NULL;
	if (ynode_str(n, &text, e))
		return -1;
	if (text && !*text)
		return ynode_err(n, e, "expected a path");
	if (text)
		*out = *text == '/' ? mem_strdup(text) : mem_printf("%s/%s", c->dir, text);
	return 0;
}

int conf_load_run(const struct config *c, struct ynode value, struct node_conf *n, struct err *e)
{
	static const char *const of_process[] = {"cwd", "env", "env_file", "stop_signal"};
	struct ynode kill = ynode_get(value, "kill_signal"), needs = ynode_get(value, "needs");
	struct ynode alias = ynode_get(value, "signal"), env = ynode_get(value, "env");
	for (size_t i = 0; n->kind != NODE_PROCESS && i < ARRAY_LEN(of_process); i++) {
		struct ynode given = ynode_get(value, of_process[i]);
		if (!ynode_is_null(given))
			return ynode_err(given, e, "'%s' goes with 'process'", of_process[i]);
	}
	if (!ynode_is_null(kill) && !ynode_is_null(alias))
		return ynode_err(alias, e, "'signal' and 'kill_signal' are the same key");
	if (n->kind == NODE_REMOTE && !ynode_is_null(needs) && !url_is_topology(&n->at))
		return ynode_err(needs, e, "'needs' is for a node that can be started");
	if (n->kind == NODE_PROCESS && ynode_is_null(ynode_get(value, "cwd")))
		n->cwd = mem_strdup(c->dir);
	if (load_signal(ynode_is_null(kill) ? alias : kill, &n->signal, e) ||
	    load_signal(ynode_get(value, "stop_signal"), &n->stop_signal, e) ||
	    load_path(c, ynode_get(value, "cwd"), &n->cwd, e) ||
	    load_path(c, ynode_get(value, "env_file"), &n->env_file, e) ||
	    (!ynode_is_null(env) && ynode_pairs(env, &n->env, e)) ||
	    (!ynode_is_null(needs) && ynode_words(needs, &n->needs, e)))
		return -1;
	return 0;
}

/* --- needs ------------------------------------------------------------------------ */

struct visit {
	const struct config *config;
	struct ynode table;
	enum { UNSEEN, OPEN, DONE } *seen; /* of each node */
};

static struct ynode need_at(const struct visit *v, size_t i, size_t k)
{
	struct ynode key, value;
	ynode_pair(v->table, i, &key, &value);
	return ynode_item(ynode_get(value, "needs"), k);
}

/* The number of the node of that name, which can be brought up; -1 with the reason at its place. */
static int64_t find(const struct config *c, struct ynode at, const char *name, struct err *e)
{
	const char *near = NULL;
	for (size_t i = 0; i < c->node_count; i++) {
		suggest(name, c->nodes[i].name, &near);
		if (strcmp(c->nodes[i].name, name) != 0)
			continue;
		if (c->nodes[i].kind != NODE_REMOTE)
			return (int64_t)i;
		return ynode_err(at, e,
				 "'%s' cannot be brought up: the config does not say how it is run",
				 name);
	}
	return ynode_err(at, e, "unknown node '%s'%s%s%s", name, SUGGESTED(near, ""));
}

static bool same_host(const struct node_conf *a, const struct node_conf *b)
{
	return strcmp(a->host ? a->host : "", b->host ? b->host : "") == 0;
}

static int visit(struct visit *v, size_t i, struct err *e)
{
	char **needs = v->config->nodes[i].needs;
	v->seen[i] = OPEN;
	for (size_t k = 0; needs && needs[k]; k++) {
		struct ynode at = need_at(v, i, k);
		int64_t other = find(v->config, at, needs[k], e);
		if (other < 0)
			return -1;
		if (!same_host(&v->config->nodes[i], &v->config->nodes[other]))
			return ynode_err(at, e, "'%s' lives on another host, whose nodes are brought up by themselves",
					 needs[k]);
		if (v->seen[other] == OPEN)
			return ynode_err(at, e, "'%s' needs '%s', which needs it in turn",
					 v->config->nodes[i].name, needs[k]);
		if (v->seen[other] == UNSEEN && visit(v, (size_t)other, e))
			return -1;
	}
	v->seen[i] = DONE;
	return 0;
}

int conf_check_needs(const struct config *c, struct ynode table, struct err *e)
{
	struct visit v = {.config = c, .table = table};
	int rc = 0;
	v.seen = mem_alloc((c->node_count + 1) * sizeof *v.seen);
	for (size_t i = 0; !rc && i < ynode_count(table); i++)
		if (v.seen[i] == UNSEEN)
			rc = visit(&v, i, e);
	free(v.seen);
	return rc;
}
