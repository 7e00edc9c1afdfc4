#include "program.h"

#include "api/routes.h"
#include "api/server.h"
#include "base/clock.h"
#include "cli/diag.h"
#include "sys/file.h"
#include "sys/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SOCKETS_MAX = 1 << 20 }; /* as far as the system lets this process have them */

struct program {
	struct evloop *loop;
	struct evloop_timer end;
	struct relay relay;
	struct endpoint api;
	struct api_server *server;
};

/* proxy.sock in the state folder; the caller frees. */
static char *default_api(struct err *e)
{
	char *dir = state_dir(getenv("XDG_STATE_HOME"), getenv("HOME"), e), *path = NULL;
	if (dir && !make_dirs(dir, 0700, e))
		path = mem_printf("%s/proxy.sock", dir);
	free(dir);
	return path;
}

static int open_api(struct program *p, const struct proxy_opts *o, struct err *e)
{
	if (o->api && strcmp(o->api, "none") == 0)
		return 0;
	char *path = o->api ? mem_strdup(o->api) : default_api(e);
	int rc = path ? endpoint_parse(&p->api, path, e) : -1;
	free(path);
	if (rc)
		return -1;
	int fd = endpoint_listen(&p->api, 0600, e);
	if (fd < 0 && e->sys_errno == EADDRINUSE && !o->api && json_count(o->proxies)) {
		endpoint_release(&p->api); /* another chaos-proxy has the default */
		return 0;
	}
	p->server = fd < 0 ? NULL : api_server_new(&p->relay, fd, e);
	return p->server ? 0 : err_prefix(e, "--api");
}

static void tell(const struct program *p)
{
	for (const struct proxy *x = p->relay.proxies; x; x = x->next)
		if (x->enabled)
			diag("'%s' listens on %s, for %s", x->name, x->listen.text, x->upstream.text);
	if (p->server)
		diag("the API listens on %s", p->api.text);
}

static void end(struct evloop_timer *t)
{
	struct program *p = (struct program *)(void *)((char *)t - offsetof(struct program, end));
	evloop_stop(p->loop);
}

static int write_decisions(const struct program *p, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	const struct decisions *d = &p->relay.decisions;
	for (uint64_t n = decisions_first(d); n < d->count; n++)
		decisions_line(d, n, &text);
	int rc = file_replace(path, text.data, text.len, 0644, e);
	if (decisions_first(d))
		diag("%s lacks the first %llu decisions", path, (unsigned long long)decisions_first(d));
	buf_release(&text);
	return rc;
}

static int run(struct program *p, const struct proxy_opts *o, int *signo, struct err *e)
{
	relay_init(&p->relay, p->loop, (uint64_t)o->seed);
	if (routes_populate(&p->relay, o->proxies, NULL, e))
		return -1;
	if (o->check && !p->relay.proxies && !o->quiet)
		diag("no proxy is named: only the API would listen");
	if (o->check)
		return 0;
	for (struct proxy *x = p->relay.proxies; x; x = x->next)
		if (proxy_start(x, e))
			return err_prefix(e, "proxy '%s'", x->name);
	if (open_api(p, o, e))
		return -1;
	if (!o->quiet)
		tell(p);
	p->end.due = end;
	if (o->for_ns)
		evloop_at(p->loop, &p->end, mono_ns() + o->for_ns);
	*signo = evloop_run(p->loop);
	return o->decisions ? write_decisions(p, o->decisions, e) : 0;
}

int run_proxy(const struct proxy_opts *o, int *signo)
{
	struct program p = {0};
	struct err e;
	limit_descriptors(SOCKETS_MAX);
	p.loop = evloop_new(&e);
	if (!p.loop)
		return diag_err(&e);
	int rc = run(&p, o, signo, &e) ? diag_err(&e) : EXIT_OK;
	if (p.server)
		endpoint_unlink(&p.api);
	api_server_free(p.server);
	relay_release(&p.relay);
	endpoint_release(&p.api);
	evloop_free(p.loop);
	return rc;
}
