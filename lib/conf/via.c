#include "conf/via.h"

#include "base/buf.h"
#include "conf/twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int via_load(struct ynode via, struct node_conf *n, struct err *e)
{
	struct url at;
	struct err why;
	const char *given = NULL;
	if (ynode_str(via, &given, e))
		return -1;
	if (!given)
		return 0;
	char *text = mem_printf("http://%s", given), port[16] = "";
	bool good = url_parse(text, &at, &why) == 0;
	if (good)
		snprintf(port, sizeof port, ":%d", at.port);
	size_t len = strlen(text), tail = strlen(port);
	good = good && !*at.user && !*at.path && strcmp(text + len - tail, port) == 0;
	url_release(&at);
	free(text);
	if (!good)
		return ynode_err(via, e, "'%s' is not the address of a proxy: HOST:PORT", given);
	n->via = mem_strdup(given);
	return 0;
}

static bool same_place(const char *via, const struct url *u)
{
	struct url at;
	struct err ignored;
	char *text = mem_printf("%s://%s", u->scheme, via);
	bool same = url_parse(text, &at, &ignored) == 0 && url_same(&at, u);
	url_release(&at);
	free(text);
	return same;
}

/* It listens where no node is, and where no other one listens. */
static int check_place(const struct config *c, size_t i, struct ynode at, struct err *e)
{
	const char *via = c->nodes[i].via;
	for (size_t k = 0; k < c->node_count; k++) {
		const struct node_conf *n = &c->nodes[k];
		if (same_place(via, &n->at))
			return ynode_err(at, e, "'%s' is where the node '%s' is; its proxy listens at a port of its own",
					 via, n->name);
		if (k < i && n->via && strcmp(n->via, via) == 0)
			return ynode_err(at, e, "the nodes '%s' and '%s' have one proxy's address, '%s'", n->name,
					 c->nodes[i].name, via);
	}
	return 0;
}

static void add_word(char ***words, char *word, bool first)
{
	size_t count = 0;
	while (*words && (*words)[count])
		count++;
	*words = mem_realloc(*words, count + 2, sizeof **words);
	if (first && count)
		memmove(*words + 1, *words, count * sizeof **words);
	(*words)[first ? 0 : count] = word;
	(*words)[count + 1] = NULL;
}

/* As if the config had it: where the first of them is reached, it is ready. */
static int begin(const struct config *c, const struct node_conf *first, struct ynode at, struct node_conf *p,
		 struct err *e)
{
	struct err why;
	for (size_t i = 0; i < c->node_count; i++)
		if (strcmp(c->nodes[i].name, VIA_PROXY) == 0)
			return ynode_err(at, e, "the proxy is the node '" VIA_PROXY "', and the config has one of that name");
	p->kind = NODE_PROCESS;
	p->mode = MODE_PROXY;
	p->ready = READY_TCP;
	p->in_table = true;
	p->line = first->line;
	p->column = first->column;
	p->name = mem_strdup(VIA_PROXY);
	p->url = mem_printf("http://%s", first->via);
	p->full_url = mem_strdup(p->url);
	url_parse(p->url, &p->at, &why);
	p->place = twins_place(&p->at);
	add_word(&p->argv, mem_strdup("chaos-proxy"), false);
	add_word(&p->argv, mem_strdup("--api=unix:" VIA_SOCKET), false);
	return 0;
}

int via_proxy_of(struct config *c, struct ynode table, struct node_conf *proxy, struct err *e)
{
	char host[URL_HOST_TEXT];
	for (size_t i = 0; i < ynode_count(table); i++) {
		struct ynode key, value;
		struct node_conf *n = &c->nodes[i];
		if (!n->via)
			continue;
		ynode_pair(table, i, &key, &value);
		struct ynode at = ynode_get(value, "via");
		if (check_place(c, i, at, e) || (!proxy->name && begin(c, n, at, proxy, e)))
			return -1;
		add_word(&proxy->argv, mem_printf("%s=%s=%s:%d", n->name, n->via, url_host_text(&n->at, false, host), n->at.port),
			 false);
		add_word(&n->needs, mem_strdup(VIA_PROXY), true);
	}
	return 0;
}

/* What follows the word in the command line, or NULL. */
static const char *setting(const struct node_conf *n, const char *word)
{
	for (char **at = n->argv; at && *at; at++)
		if (strcmp(*at, word) == 0)
			return at[1];
	return NULL;
}

const char *via_unannounced(const struct node_conf *n)
{
	static const char *const announced[] = {"--replica-announce-port", "--cluster-announce-port"};
	const char *cluster = setting(n, "--cluster-enabled");
	bool is_cluster = cluster && strcmp(cluster, "yes") == 0;
	bool in_file = n->argv && n->argv[1] && strncmp(n->argv[1], "--", 2) != 0;
	if (!n->via || n->mode != MODE_REDIS || in_file || (!is_cluster && !setting(n, "--replicaof")))
		return NULL;
	const char *port = setting(n, announced[is_cluster]);
	return port && strcmp(port, strrchr(n->via, ':') + 1) == 0 ? NULL : announced[is_cluster];
}
