#include "servers/discover.h"

#include "base/num.h"
#include "net/redis/redis_ask.h"

#include <string.h>

static void add(struct discovery *d, const char *host, const char *port)
{
	int64_t n;
	if (num_i64(port, 1, 65535, &n))
		return;
	d->add(d->arg, *host ? host : d->host->host, (int)n); /* a node that knows no other has no name yet */
	d->count++;
}

/* A line of CLUSTER NODES: "ID HOST:PORT@BUS[,NAME] FLAGS …". */
static void take_node(struct discovery *d, char *line)
{
	strsep(&line, " ");
	char *address = strsep(&line, " "), *flags = strsep(&line, " ");
	char *bus = address ? strchr(address, '@') : NULL;
	if (!bus || !flags || strstr(flags, "noaddr") || strstr(flags, "handshake"))
		return;
	*bus = '\0';
	char *port = strrchr(address, ':');
	if (!port)
		return;
	*port++ = '\0';
	add(d, address, port);
}

static int ask_cluster(struct discovery *d, struct redis_ask *a, struct buf *answer, struct err *e)
{
	bool refused;
	if (redis_ask(a, 2, (const char *[]){"CLUSTER", "NODES"}, answer, &refused, e))
		return -1;
	for (char *next = answer->data, *line; (line = strsep(&next, "\n"));)
		take_node(d, line);
	return 0;
}

/* The primary is host and port; of each replica there are names and values, a line each. */
static int ask_sentinel(struct discovery *d, struct redis_ask *a, struct buf *answer, struct err *e)
{
	const char *name = d->to.url->path + 1, *host = "";
	bool refused;
	if (redis_ask(a, 3, (const char *[]){"SENTINEL", "get-master-addr-by-name", name}, answer, &refused, e))
		return -1;
	char *next = answer->data, *primary = strsep(&next, "\n"), *port = strsep(&next, "\n");
	if (!port)
		return err_usage(e, "the sentinel monitors no primary '%s'", name);
	add(d, primary, port);
	buf_reset(answer);
	if (redis_ask(a, 3, (const char *[]){"SENTINEL", "replicas", name}, answer, &refused, e))
		return -1;
	next = answer->data;
	for (char *key, *value; (key = strsep(&next, "\n")) && (value = strsep(&next, "\n"));) {
		if (strcmp(key, "ip") == 0)
			host = value;
		else if (strcmp(key, "port") == 0)
			add(d, host, value);
	}
	return 0;
}

int servers_discover(struct discovery *d, int64_t wait_ns, struct err *e)
{
	const struct url *u = d->to.url;
	bool cluster = strstr(u->scheme, "+cluster");
	struct url host;
	if (!cluster && strlen(u->path) < 2)
		return err_usage(e, "%s://%s:%d has no name for the sentinels: %s://HOST:PORT/NAME", u->scheme,
				 u->host, u->port, u->scheme);
	for (size_t i = 0; !d->count && url_nth_host(u, i, &host) == 0; i++) {
		struct buf answer = BUF_INIT;
		struct url asked = host;
		struct redis_server to = d->to;
		to.url = &asked;
		d->host = &host;
		if (cluster) {
			asked.user = u->user;
			asked.password = u->password;
		}
		struct redis_ask *a = redis_ask_open(&to, wait_ns, e);
		if (!a || (cluster ? ask_cluster : ask_sentinel)(d, a, &answer, e))
			err_prefix(e, "cannot ask '%s:%d' for the servers", host.host, host.port);
		redis_ask_close(a);
		buf_release(&answer);
		url_release(&host);
	}
	return d->count ? 0 : -1;
}
