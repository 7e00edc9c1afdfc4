#include "relay/proxy.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/units.h"
#include "relay/conn.h"
#include "relay/toxics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPTS_MAX = 64 };
static const int64_t again_after_ns = 100 * NS_PER_MS;

/* --- listening ------------------------------------------------------------------------ */

static void listener_ready(struct evloop_watch *w, int events);

static struct proxy *proxy_of_watch(struct evloop_watch *w)
{
	return (struct proxy *)(void *)w;
}

static void listen_again(struct evloop_timer *t)
{
	struct proxy *p = (struct proxy *)(void *)((char *)t - offsetof(struct proxy, again));
	struct err e;
	int fd = p->parked_fd;
	p->parked_fd = -1;
	if (fd >= 0 && evloop_add_level(p->relay->loop, &p->watch, fd, &e))
		close(fd);
}

/* Descriptors have run out: who connects now waits until there are some. */
static void pause_accepting(struct proxy *p)
{
	p->parked_fd = evloop_forget(p->relay->loop, &p->watch);
	evloop_at(p->relay->loop, &p->again, mono_ns() + again_after_ns);
}

static void listener_ready(struct evloop_watch *w, int events)
{
	struct proxy *p = proxy_of_watch(w);
	(void)events;
	for (int i = 0; i < ACCEPTS_MAX && w->fd >= 0; i++) {
		int fd = evloop_accept(w->fd);
		if (fd >= 0) {
			conn_start(p, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			pause_accepting(p);
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

int proxy_start(struct proxy *p, struct err *e)
{
	if (p->enabled || !p->wanted)
		return 0;
	if (endpoint_resolve(&p->upstream, e))
		return -1;
	int fd = endpoint_listen(&p->listen, 0666, e);
	if (fd < 0)
		return -1;
	if (evloop_add_level(p->relay->loop, &p->watch, fd, e)) {
		close(fd);
		return -1;
	}
	p->enabled = true;
	toxics_gate(p);
	return 0;
}

static void stop(struct proxy *p)
{
	evloop_unset(p->relay->loop, &p->again);
	if (p->enabled)
		endpoint_unlink(&p->listen);
	evloop_close(&p->watch);
	if (p->parked_fd >= 0)
		close(p->parked_fd);
	p->parked_fd = -1;
	p->refuses = p->enabled = false;
	for (struct conn *c; (c = p->conns);)
		conn_end(c, false);
}

/* --- from and to JSON ----------------------------------------------------------------- */

struct proxy *proxy_find(struct relay *r, const char *name)
{
	struct proxy *p = r->proxies;
	while (p && strcmp(p->name, name) != 0)
		p = p->next;
	return p;
}

int proxy_read_toxics(struct proxy *p, const struct json *j, struct err *e)
{
	const struct json *list = json_get(j, "toxics");
	if (!json_is_array(list))
		return 0;
	while (p->toxics)
		proxy_remove_toxic(p, p->toxics);
	for (size_t i = 0; i < json_count(list); i++) {
		struct toxic *t = toxic_new(json_at(list, i), mono_ns(), e);
		if (!t)
			return -1;
		if (proxy_toxic(p, t->name)) {
			err_usage(e, "toxic '%s' is there twice", t->name);
			toxic_free(t);
			return -1;
		}
		if (proxy_add_toxic(p, t, e))
			return -1;
	}
	return 0;
}

/* A bool that may be missing; -1 if it is something else. */
static int read_enabled(const struct json *j, bool otherwise, bool *out, struct err *e)
{
	const struct json *v = json_get(j, "enabled");
	*out = json_bool(v, otherwise);
	if (!json_is_null(v) && json_bool(v, false) != json_bool(v, true))
		return err_usage(e, "enabled is not true or false");
	return 0;
}

/* What it is, whatever of it is there. */
static int check_form(const struct json *j, struct err *e)
{
	static const char *const keys[] = {"name", "listen", "upstream", "enabled", "toxics"};
	if (!json_is_object(j))
		return err_usage(e, "a proxy is not an object");
	if (json_only_keys(j, keys, ARRAY_LEN(keys), "a proxy", e))
		return -1;
	for (size_t i = 0; i < 3; i++)
		if (!json_is_null(json_get(j, keys[i])) && !json_is_string(json_get(j, keys[i])))
			return err_usage(e, "%s is no text", keys[i]);
	if (!json_is_null(json_get(j, "toxics")) && !json_is_array(json_get(j, "toxics")))
		return err_usage(e, "toxics is no list");
	return 0;
}

static const char *text_of(const struct json *j, const char *key, const char *otherwise)
{
	const char *text = json_text(j, key);
	return *text ? text : otherwise;
}

static int read_addresses(const struct json *j, const char *listen, const char *upstream, struct endpoint *out_listen,
			  struct endpoint *out_upstream, struct err *e)
{
	listen = text_of(j, "listen", listen);
	upstream = text_of(j, "upstream", upstream);
	if (strcmp(listen, upstream) == 0)
		return err_usage(e, "%s is its own upstream", listen);
	if (endpoint_parse(out_listen, listen, e))
		return -1;
	if (!endpoint_parse(out_upstream, upstream, e))
		return 0;
	endpoint_release(out_listen);
	return -1;
}

static int fill(struct proxy *p, const struct json *j, struct err *e)
{
	return read_enabled(j, true, &p->wanted, e) ||
			       read_addresses(j, "127.0.0.1:0", "", &p->listen, &p->upstream, e) ||
			       proxy_read_toxics(p, j, e)
		       ? -1
		       : 0;
}

struct proxy *proxy_new(struct relay *r, const struct json *j, struct err *e)
{
	const char *name = text_of(j, "name", NULL);
	if (check_form(j, e))
		return NULL;
	if (!name || !*text_of(j, "upstream", "") || strpbrk(name, "/?#%") || strlen(name) > 200) {
		err_usage(e, !name ? "missing required field: name"
				   : strpbrk(name, "/?#%") || strlen(name) > 200
					     ? "name has one of / ? # %%, or is longer than 200 bytes"
					     : "missing required field: upstream");
		return NULL;
	}
	struct proxy *p = mem_alloc(sizeof *p);
	p->relay = r;
	p->name = mem_strdup(name);
	p->kept_name = decisions_name(&r->decisions, name);
	p->key = hash_fnv1a(HASH_FNV1A_START, name, strlen(name));
	p->watch = (struct evloop_watch){.ready = listener_ready, .fd = -1};
	p->again.due = listen_again;
	p->parked_fd = -1;
	toxics_init(p);
	*r->last_proxy = p;
	r->last_proxy = &p->next;
	if (fill(p, j, e)) {
		proxy_free(p);
		return NULL;
	}
	return p;
}

void proxy_free(struct proxy *p)
{
	struct relay *r = p->relay;
	struct proxy **at = &r->proxies;
	stop(p);
	toxics_release(p);
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	if (!p->next)
		r->last_proxy = at;
	endpoint_release(&p->listen);
	endpoint_release(&p->upstream);
	free(p->name);
	/* Connections that have ended, and the listener, may still be in this turn's events. */
	evloop_free_later(r->loop, p);
}

int proxy_update(struct proxy *p, const struct json *j, struct err *e)
{
	struct endpoint listen = {0}, upstream = {0};
	bool wanted;
	if (check_form(j, e) || read_enabled(j, p->wanted, &wanted, e) ||
	    read_addresses(j, p->listen.text, p->upstream.text, &listen, &upstream, e))
		return -1;
	bool moved = strcmp(listen.text, p->listen.text) != 0 ||
		     strcmp(upstream.text, p->upstream.text) != 0;
	p->wanted = wanted;
	if (moved || !wanted)
		stop(p);
	if (moved) {
		endpoint_release(&p->listen);
		endpoint_release(&p->upstream);
		p->listen = listen;
		p->upstream = upstream;
	} else {
		endpoint_release(&listen);
		endpoint_release(&upstream);
	}
	return proxy_start(p, e);
}

struct json *proxy_json(const struct proxy *p)
{
	struct json *j = json_object_new(), *toxics = json_array_new();
	json_set_str(j, "name", p->name);
	json_set_str(j, "listen", p->listen.text);
	json_set_str(j, "upstream", p->upstream.text);
	json_set_bool(j, "enabled", p->enabled);
	for (const struct toxic *t = p->toxics; t; t = t->next)
		json_push(toxics, toxic_json(t, mono_ns()));
	json_set(j, "toxics", toxics);
	return j;
}

int proxy_reset(struct proxy *p, struct err *e)
{
	while (p->toxics)
		proxy_remove_toxic(p, p->toxics);
	p->wanted = true;
	return proxy_start(p, e);
}

void relay_init(struct relay *r, struct evloop *loop, uint64_t seed)
{
	*r = (struct relay){.loop = loop, .seed = seed, .room = mem_alloc(RELAY_READ_MAX)};
	r->last_proxy = &r->proxies;
}

void relay_release(struct relay *r)
{
	while (r->proxies)
		proxy_free(r->proxies);
	decisions_release(&r->decisions);
	free(r->room);
	r->room = NULL;
}
