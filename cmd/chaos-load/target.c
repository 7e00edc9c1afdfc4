#include "target.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "net/redis_words.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

/* A URL as it stands in a sample: no user, password or path; no port if it is the scheme's own. */
static char *node_name(const struct url *u)
{
	struct url plain;
	struct err e;
	char *text = mem_printf(strchr(u->host, ':') ? "%s://[%s]" : "%s://%s", u->scheme, u->host);
	if (url_parse(text, &plain, &e) || plain.port != u->port) {
		char *with_port = mem_printf("%s:%d", text, u->port);
		free(text);
		text = with_port;
	}
	char *name = mem_alloc(3 * strlen(text) + 1);
	url_escape_field(text, name);
	free(text);
	return name;
}

static int check_url(const char *text, struct url *u, struct err *e)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 127)
			return err_usage(e, "'%s': a URL has no blanks; write them as %%20", text);
	if (url_parse(text, u, e))
		return -1;
	struct redis_command hello;
	if (!url_is_redis(u))
		return 0;
	int rc = redis_hello_init(&hello, u, e);
	redis_command_release(&hello);
	return rc;
}

static int add_node(struct target *t, const char *text, struct err *e)
{
	struct transport_node *n = &t->nodes[t->count];
	if (check_url(text, &n->url, e))
		return -1;
	if (!transport_speaks(&n->url))
		return err_usage(e, "'%s': nothing here speaks %s", text, n->url.scheme);
	if (t->count && url_is_redis(&n->url) != url_is_redis(&t->nodes[0].url))
		return err_usage(e, "'%s' and '%s' do not mix: one run is either HTTP or Redis",
				 text, t->names[0]);
	t->names[t->count++] = node_name(&n->url);
	return 0;
}

/* Options that mean nothing to a protocol are mistakes, not to be passed over in silence. */
static int check_options(const struct target *t, const struct load_opts *o, struct err *e)
{
	if (!url_is_redis(&t->nodes[0].url))
		return 0;
	const char *name = o->method		       ? "method"
			   : o->body		       ? "body"
			   : o->headers.count	       ? "header"
			   : !o->keep_alive	       ? "no-keep-alive"
			   : o->cacert		       ? "cacert"
			   : o->insecure	       ? "insecure"
			   : strcmp(o->engine, "auto") ? "engine"
						       : NULL;
	return name ? err_usage(e, "--%s is for HTTP, and '%s' is not", name, t->names[0]) : 0;
}

struct transport_config target_config(const struct target *t, const struct load_opts *o)
{
	return (struct transport_config){
		.nodes = t->nodes,
		.node_count = t->count,
		.connections = (int)o->connections,
		.method = o->method,
		.headers = o->headers.items,
		.header_count = o->headers.count,
		.body = o->body ? t->body.data : NULL,
		.body_len = t->body.len,
		.fresh = !o->keep_alive,
		.cacert = o->cacert,
		.insecure = o->insecure,
		.key = o->key,
	};
}

static int choose_transport(struct target *t, const struct load_opts *o, struct err *e)
{
	struct transport_config c = target_config(t, o);
	enum http_engine wanted = strcmp(o->engine, "own") == 0	   ? HTTP_ENGINE_OWN
				  : strcmp(o->engine, "curl") == 0 ? HTTP_ENGINE_CURL
								   : HTTP_ENGINE_AUTO;
	t->transport = transport_for(&c, wanted, e);
	return t->transport ? 0 : err_prefix(e, "--engine");
}

static void look_up(struct target *t)
{
	struct err e;
	for (size_t i = 0; i < t->count; i++) {
		struct transport_node *n = &t->nodes[i];
		if (net_resolve(n->url.host, n->url.port, &n->addrs, &e))
			diag("%s; its requests will fail", e.msg);
	}
}

int target_init(struct target *t, const struct load_opts *o, const char *const *urls, size_t count,
		struct err *e)
{
	*t = (struct target){.body = BUF_INIT};
	t->nodes = mem_alloc(count * sizeof *t->nodes);
	t->names = mem_alloc(count * sizeof *t->names);
	for (size_t i = 0; i < count; i++)
		if (add_node(t, urls[i], e))
			return -1;
	if (check_options(t, o, e))
		return -1;
	if (o->body && o->body[0] == '@' && file_read(o->body + 1, &t->body, e))
		return err_prefix(e, "--body");
	if (o->body && o->body[0] != '@')
		buf_addstr(&t->body, o->body);
	if (choose_transport(t, o, e))
		return -1;
	look_up(t);
	return 0;
}

void target_release(struct target *t)
{
	for (size_t i = 0; i < t->count; i++) {
		net_addrs_release(&t->nodes[i].addrs);
		free(t->names[i]);
	}
	free(t->nodes);
	free(t->names);
	buf_release(&t->body);
	*t = (struct target){0};
}
