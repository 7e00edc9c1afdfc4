#include "conf/demo_nodes.h"

#include "base/buf.h"
#include "url/url_host.h"

#include <stdio.h>
#include <string.h>

static char **command(const char *const *words)
{
	size_t n = 0;
	while (words[n])
		n++;
	char **argv = mem_alloc((n + 1) * sizeof *argv);
	for (size_t i = 0; i < n; i++)
		argv[i] = mem_strdup(words[i]);
	return argv;
}

/* The address on which a server with that URL listens. */
static const char *address(const struct url *u)
{
	return url_host_is_localhost(u->host) ? "127.0.0.1" : u->host;
}

void demo_process(struct node_conf *n, const struct node_conf *master)
{
	char port[16], at[sizeof n->at.host + 16];
	snprintf(port, sizeof port, "%d", n->at.port);
	n->kind = NODE_PROCESS;
	if (n->mode == MODE_HTTP) {
		const char *words[] = {"chaos-node", "--port", port, "--name", n->name,
				       NULL,	     NULL,     NULL};
		if (strcmp(address(&n->at), "127.0.0.1") != 0) {
			words[5] = "--bind";
			words[6] = address(&n->at);
		}
		n->argv = command(words);
		n->ready = READY_HTTP_GET;
		n->ready_path = mem_strdup("/health");
		return;
	}
	const char *words[16] = {"redis-server",
				 "--port",
				 port,
				 "--bind",
				 address(&n->at),
				 "--save",
				 "",
				 "--appendonly",
				 "no",
				 "--repl-diskless-sync-delay",
				 "0"};
	n->ready = READY_REDIS_PING;
	if (master) {
		snprintf(at, sizeof at, "%s %d", address(&master->at), master->at.port);
		words[11] = "--replicaof";
		words[12] = at;
		n->ready = READY_REDIS_REPLICA;
		if (master->kind == NODE_PROCESS)
			n->needs = command((const char *const[]){master->name, NULL});
	}
	n->argv = command(words);
}
