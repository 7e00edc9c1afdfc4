#include "conf/nodes.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/units.h"
#include "conf/demo_nodes.h"
#include "conf/node_run.h"
#include "conf/twins.h"
#include "conf/via.h"

#include <stdlib.h>
#include <string.h>

#define HOST_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-@"

static const int64_t default_ready_within_ns = 20 * NS_PER_S;

static struct node_conf *add_node(struct config *c)
{
	c->nodes = mem_grow(c->nodes, &c->node_alloc, c->node_count, sizeof *c->nodes);
	struct node_conf *n = &c->nodes[c->node_count++];
	*n = (struct node_conf){.ready_within_ns = default_ready_within_ns};
	return n;
}

static int check_name(struct ynode at, const char *name, struct err *e)
{
	if (!name_is_plain(name) || *name == '-' || *name == '.')
		return ynode_err(at, e,
				 "'%s' is not a node name: 1 to 64 of A-Z a-z 0-9 . _ - that do not "
				 "start with . or -",
				 name);
	if (strcmp(name, "all_nodes") == 0)
		return ynode_err(at, e,
				 "'all_nodes' stands for every node; it cannot be the name of one");
	return 0;
}

static int parse_url(struct ynode at, struct node_conf *n, struct err *e)
{
	struct err why;
	const char *text = ynode_text(at);
	if (!text)
		return ynode_err(at, e, "a node needs a URL");
	if (url_parse(text, &n->at, &why))
		return ynode_err(at, e, "%s", why.msg);
	n->url = url_public(text);
	n->full_url = mem_strdup(text);
	n->place = twins_place(&n->at);
	n->mode = url_is_redis(&n->at) ? MODE_REDIS : MODE_HTTP;
	return 0;
}

/* --- the nodes table ----------------------------------------------------- */

static int parse_ready(struct ynode n, struct node_conf *node, struct err *e)
{
	const char *text = NULL;
	if (ynode_str(n, &text, e))
		return -1;
	node->ready_given = text;
	if (!text) {
		node->ready = node->mode == MODE_REDIS ? READY_REDIS_PING : READY_HTTP_GET;
		node->ready_path = mem_strdup("/health");
	} else if (strncmp(text, "GET /", 5) == 0 && node->mode == MODE_HTTP) {
		node->ready = READY_HTTP_GET;
		node->ready_path = mem_strdup(text + 4);
	} else if (strcmp(text, "ping") == 0 && node->mode == MODE_REDIS) {
		node->ready = READY_REDIS_PING;
	} else if (strcmp(text, "replica") == 0 && node->mode == MODE_REDIS) {
		node->ready = READY_REDIS_REPLICA;
	} else if (strcmp(text, "tcp") == 0) {
		node->ready = READY_TCP;
	} else {
		return ynode_err(n, e, "'%s' is not a readiness check for a%s node; it is one of %s",
				 text, node->mode == MODE_REDIS ? " Redis" : "n HTTP",
				 node->mode == MODE_REDIS ? "ping, replica, tcp"
							  : "GET /path, tcp");
	}
	return 0;
}

/* Checks the last node against all before it: names and URLs must be unique. */
static int check_twin(const struct config *c, struct ynode at, struct err *e)
{
	const struct node_conf *n = &c->nodes[c->node_count - 1];
	const struct node_conf *other = twins_add(c->twins, c->nodes, c->node_count - 1);
	if (!other)
		return 0;
	if (strcmp(n->name, other->name) == 0)
		return ynode_err(at, e, "two nodes are named '%s'", n->name);
	return ynode_err(at, e, "the nodes '%s' and '%s' have the same URL, '%s'", other->name, n->name,
			 n->url);
}

static int copy_str(struct ynode n, char **field, struct err *e)
{
	const char *text = NULL;
	if (ynode_str(n, &text, e))
		return -1;
	if (text && !*text)
		return ynode_err(n, e, "expected a name");
	*field = mem_strdup(text);
	return 0;
}

/* A node by 'container' or 'compose'. */
static int load_container(struct ynode value, struct node_conf *n, struct err *e)
{
	struct ynode compose = ynode_get(value, "compose"), project = ynode_get(value, "project");
	struct ynode engine = ynode_get(value, "engine");
	if (copy_str(ynode_get(value, "container"), &n->container, e) ||
	    copy_str(compose, &n->compose, e) || copy_str(project, &n->project, e) ||
	    copy_str(engine, &n->engine, e))
		return -1;
	if (n->container && n->compose)
		return ynode_err(compose, e,
				 "the node '%s' is named by 'container' or by 'compose', not both",
				 n->name);
	if (n->project && !n->compose)
		return ynode_err(project, e, "'project' goes with 'compose'");
	if (n->engine && !n->compose && !n->container)
		return ynode_err(engine, e, "'engine' goes with 'container' or 'compose'");
	if (n->container || n->compose)
		n->kind = NODE_CONTAINER;
	return 0;
}

/* A node by 'kind'. */
static int load_program(struct ynode value, struct node_conf *n, struct err *e)
{
	struct ynode kind = ynode_get(value, "kind"), with = ynode_get(value, "with");
	if (copy_str(kind, &n->program, e))
		return -1;
	if (!n->program)
		return ynode_is_null(with) ? 0 : ynode_err(with, e, "'with' goes with 'kind'");
	if (n->kind != NODE_REMOTE || !ynode_is_null(ynode_get(value, "process")))
		return ynode_err(kind, e, "the node '%s' has a 'kind' or is a process or a container",
				 n->name);
	n->kind = NODE_PROGRAM;
	n->program_line = ynode_line(kind);
	n->program_column = ynode_column(kind);
	n->with_line = ynode_line(ynode_is_null(with) ? kind : with);
	n->with_column = ynode_column(ynode_is_null(with) ? kind : with);
	return ynode_pairs(with, &n->with, e);
}

/* It stands for several nodes, none of which is here, or has no port. */
static int check_topology(struct ynode url, struct ynode process, const struct node_conf *n, struct err *e)
{
	if (ynode_is_null(process) || !(url_is_topology(&n->at) || url_is_unix(&n->at)))
		return 0;
	if (url_is_unix(&n->at))
		return ynode_err(url, e, "the process of '%s' is found by its port, so that its URL is redis://; a load may have "
				 "the socket as its target", n->name);
	return ynode_err(url, e, "'%s' has a process, so that its URL is redis://, not %s://: that one stands for "
			 "several nodes", n->name, n->at.scheme);
}

/* A node by 'host', which is given to ssh. */
static int load_host(struct ynode value, struct node_conf *n, struct err *e)
{
	struct ynode host = ynode_get(value, "host");
	bool run = n->kind != NODE_REMOTE || !ynode_is_null(ynode_get(value, "process"));
	if (copy_str(host, &n->host, e))
		return -1;
	if (!n->host)
		return 0;
	if (*n->host == '-' || strspn(n->host, HOST_CHARACTERS) != strlen(n->host))
		return ynode_err(host, e, "'%s' is no host for ssh: a name, or USER@NAME", n->host);
	if (!run)
		return ynode_err(host, e, "'host' is for a node that can be broken there: say by 'process', 'container', "
				 "'compose' or 'kind' what it is");
	return n->via ? ynode_err(host, e, "'via' is a proxy on this machine, and the node lives on '%s'", n->host) : 0;
}

static int load_node(struct config *c, struct ynode key, struct ynode value, struct err *e)
{
	static const char *const keys[] = {
		"url",	  "process",  "ready", "ready_within", "container",   "compose",
		"project", "engine",  "kind",  "with",	       "cwd",	      "env",
		"env_file", "needs",  "signal", "kill_signal", "stop_signal", "via",
		"host",	   NULL};
	struct node_conf *n = add_node(c);
	if (!ynode_text(key))
		return ynode_err(key, e, "a node's name is one word");
	n->name = mem_strdup(ynode_text(key));
	n->in_table = true;
	n->line = ynode_line(key);
	n->column = ynode_column(key);
	if (check_name(key, n->name, e) || ynode_check_keys(value, keys, e))
		return -1;
	struct ynode url = ynode_get(value, "url"), process = ynode_get(value, "process");
	if (ynode_is_null(url))
		return ynode_err(value, e, "the node '%s' has no 'url'", n->name);
	if (parse_url(url, n, e) || check_topology(url, process, n, e) || parse_ready(ynode_get(value, "ready"), n, e) ||
	    ynode_span(ynode_get(value, "ready_within"), &n->ready_within_ns, e))
		return -1;
	if (check_twin(c, key, e) || load_container(value, n, e) || load_program(value, n, e) ||
	    via_load(ynode_get(value, "via"), n, e) || load_host(value, n, e))
		return -1;
	if (ynode_is_null(process))
		return conf_load_run(c, value, n, e);
	if (n->kind == NODE_CONTAINER)
		return ynode_err(process, e, "the node '%s' is either a process or a container",
				 n->name);
	if (ynode_kind(process) == YNODE_LIST && ynode_count(process) == 0)
		return ynode_err(process, e,
				 "'process' is a program and its arguments: [program, …]");
	if (!n->host && !url_is_loopback(&n->at))
		return ynode_err(url, e,
				 "the process node '%s' must be on this machine, not on '%s'; elsewhere it needs "
				 "'host', the name of its machine for ssh", n->name, n->at.host);
	n->kind = NODE_PROCESS;
	return ynode_words(process, &n->argv, e) || conf_load_run(c, value, n, e) ? -1 : 0;
}

static int load_table(struct config *c, struct ynode table, struct err *e)
{
	if (ynode_kind(table) != YNODE_MAP)
		return ynode_err(table, e, "'nodes' is a table of 'name: {url: …, process: […]}'");
	for (size_t i = 0; i < ynode_count(table); i++) {
		struct ynode key, value;
		ynode_pair(table, i, &key, &value);
		if (load_node(c, key, value, e))
			return -1;
	}
	return 0;
}

/* --- the user's lists ---------------------------------------------------- */

static int list_node(struct config *c, enum conf_mode mode, size_t i, struct ynode item,
		     const char *service, bool with_table, struct err *e)
{
	struct node_conf *n = add_node(c);
	if (parse_url(item, n, e))
		return -1;
	n->line = ynode_line(item);
	n->column = ynode_column(item);
	n->name =
		service ? mem_strdup(service)
			: mem_printf("%s-node-%zu", mode == MODE_HTTP ? "service" : "redis", i + 1);
	if (check_name(item, n->name, e) || check_twin(c, item, e))
		return -1;
	if (!with_table && url_is_loopback(&n->at)) {
		const struct node_conf *first = config_nth(c, MODE_REDIS, 0);
		demo_process(n, first && first != n ? first : NULL);
	} else {
		n->ready = mode == MODE_REDIS ? READY_REDIS_PING : READY_HTTP_GET;
		n->ready_path = mem_strdup("/health");
	}
	return 0;
}

/* The entry of the table for that URL; NULL if it has none, or the lists had it already. */
static struct node_conf *in_table(struct config *c, const char *url)
{
	struct url u;
	struct err ignored;
	char *place = url_parse(url, &u, &ignored) ? mem_strdup("") : twins_place(&u);
	const struct node_conf *n = twins_find(c->twins, c->nodes, place);
	free(place);
	url_release(&u);
	return n && !n->listed ? &c->nodes[n - c->nodes] : NULL;
}

/* Checks one item of a list; sets its service name, NULL if it has none. */
static int check_item(struct ynode item, enum conf_mode mode, struct ynode names, size_t i,
		      const char **service, struct err *e)
{
	struct url u;
	struct err why;
	const char *text = ynode_text(item);
	if (!text)
		return ynode_err(item, e, "expected a URL");
	if (url_parse(text, &u, &why))
		return ynode_err(item, e, "%s", why.msg);
	bool redis = url_is_redis(&u);
	url_release(&u);
	if (redis != (mode == MODE_REDIS)) {
		char *shown = url_public(text);
		ynode_err(item, e, "'%s' is not a URL for %s", shown, conf_mode_name(mode));
		free(shown);
		return -1;
	}
	*service = NULL;
	struct ynode name = ynode_item(names, i);
	if (ynode_is_null(name))
		return 0;
	*service = ynode_text(name);
	return *service ? check_name(name, *service, e)
			: ynode_err(name, e, "expected the name of a service");
}

static int check_lists(struct ynode list, struct ynode names, const char *list_key, struct err *e)
{
	if (!ynode_is_null(list) && ynode_kind(list) != YNODE_LIST)
		return ynode_err(list, e, "expected a list of URLs");
	if (ynode_is_null(names))
		return 0;
	if (ynode_kind(names) != YNODE_LIST)
		return ynode_err(names, e, "expected a list of service names");
	if (ynode_count(names) > ynode_count(list))
		return ynode_err(ynode_item(names, ynode_count(list)), e,
				 "there are more service names than URLs in '%s'", list_key);
	return 0;
}

/* listed: how many nodes the lists have named so far. */
static int load_list(struct config *c, struct ynode root, enum conf_mode mode, size_t *listed,
		     bool with_table, struct err *e)
{
	const char *list_key = mode == MODE_HTTP ? "http_nodes" : "redis_nodes";
	struct ynode list = ynode_get(root, list_key);
	struct ynode names =
		ynode_get(root, mode == MODE_HTTP ? "http_services" : "redis_services");
	if (check_lists(list, names, list_key, e))
		return -1;
	for (size_t i = 0; i < ynode_count(list); i++) {
		struct ynode item = ynode_item(list, i);
		const char *service;
		if (check_item(item, mode, names, i, &service, e))
			return -1;
		struct node_conf *n = in_table(c, ynode_text(item));
		if (n && service && strcmp(service, n->name) != 0)
			return ynode_err(ynode_item(names, i), e,
					 "the service '%s' is named '%s' in 'nodes'", service,
					 n->name);
		if (!n && list_node(c, mode, i, item, service, with_table, e))
			return -1;
		n = n ? n : &c->nodes[c->node_count - 1];
		n->listed = ++*listed;
	}
	return 0;
}

/* Listed nodes come first, in the user's order; those that only the table has follow in its own. */
static void listed_first(struct config *c, size_t listed)
{
	if (!listed)
		return;
	struct node_conf *nodes = mem_alloc(c->node_count * sizeof *nodes);
	for (size_t i = 0, others = listed; i < c->node_count; i++)
		nodes[c->nodes[i].listed ? c->nodes[i].listed - 1 : others++] = c->nodes[i];
	free(c->nodes);
	c->nodes = nodes;
	c->node_alloc = c->node_count;
}

static int add_proxy(struct config *c, struct ynode table, struct err *e)
{
	struct node_conf proxy = {.ready_within_ns = default_ready_within_ns};
	if (via_proxy_of(c, table, &proxy, e))
		return -1;
	if (proxy.name)
		*add_node(c) = proxy;
	return 0;
}

int conf_load_nodes(struct config *c, struct ynode root, struct err *e)
{
	struct ynode table = ynode_get(root, "nodes");
	struct twins twins;
	bool with_table = !ynode_is_null(table);
	size_t listed = 0;
	c->twins = &twins;
	twins_init(&twins, ynode_count(table) + ynode_count(ynode_get(root, "http_nodes")) +
				   ynode_count(ynode_get(root, "redis_nodes")));
	int rc = (with_table && load_table(c, table, e)) ||
			 load_list(c, root, MODE_HTTP, &listed, with_table, e) ||
			 load_list(c, root, MODE_REDIS, &listed, with_table, e) ||
			 (with_table && (conf_check_needs(c, table, e) || add_proxy(c, table, e)))
		 ? -1
		 : 0;
	c->twins = NULL;
	twins_release(&twins);
	if (!rc)
		listed_first(c, listed);
	return rc;
}

const struct node_conf *config_nth(const struct config *c, enum conf_mode m, size_t i)
{
	for (size_t k = 0; k < c->node_count; k++)
		if (c->nodes[k].mode == m && i-- == 0)
			return &c->nodes[k];
	return NULL;
}
