#include "relay/toxics.h"

#include "base/clock.h"
#include "relay/conn.h"
#include "relay/proxy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MATCH_BITS = 32 };

void toxics_gate(struct proxy *p)
{
	bool refuses = false;
	struct err e;
	for (const struct toxic *t = p->toxics; t; t = t->next)
		refuses |= t->type->kind == TOXIC_REFUSE && t->toxicity >= 1 && !t->from;
	if (!p->enabled || refuses == p->refuses || endpoint_is_unix(&p->listen))
		return;
	p->refuses = refuses;
	if (refuses) {
		evloop_unset(p->relay->loop, &p->again);
		if (p->watch.fd >= 0)
			p->parked_fd = evloop_forget(p->relay->loop, &p->watch);
		shutdown(p->parked_fd, SHUT_RDWR);
		return;
	}
	int fd = p->parked_fd;
	p->parked_fd = -1;
	/* Somebody may have taken the port meanwhile, who then gets the connections. */
	if (listen(fd, SOMAXCONN) || evloop_add_level(p->relay->loop, &p->watch, fd, &e)) {
		close(fd);
		p->enabled = false;
	}
}

static void changed(struct proxy *p)
{
	int64_t next_ns = INT64_MAX;
	for (const struct toxic *t = p->toxics; t; t = t->next)
		if (t->ends_ns && t->ends_ns < next_ns)
			next_ns = t->ends_ns;
	if (next_ns < INT64_MAX)
		evloop_at(p->relay->loop, &p->ttl, next_ns);
	else
		evloop_unset(p->relay->loop, &p->ttl);
	toxics_gate(p);
	for (struct conn *c = p->conns, *next; c; c = next) {
		next = c->next;
		conn_toxics_changed(c);
	}
}

struct toxic *proxy_toxic(const struct proxy *p, const char *name)
{
	struct toxic *t = p->toxics;
	while (t && strcmp(t->name, name) != 0)
		t = t->next;
	return t;
}

static int check(const struct proxy *p, const struct toxic *t, struct err *e)
{
	enum toxic_protocol protocol = toxic_protocol(t);
	if (protocol == PROTOCOL_NONE)
		return 0;
	for (const struct toxic *o = p->toxics; o; o = o->next)
		if (o != t && toxic_protocol(o) != PROTOCOL_NONE && toxic_protocol(o) != protocol)
			return err_usage(e, "toxic '%s' is for another protocol; all of a proxy's toxics are for one", o->name);
	return 0;
}

/* The lowest bit that no other toxic has. */
static void give_bit(const struct proxy *p, struct toxic *t)
{
	uint32_t taken = 0;
	bool needs = t->type->protocol == PROTOCOL_NONE && toxic_protocol(t) != PROTOCOL_NONE;
	for (const struct toxic *o = p->toxics; o; o = o->next)
		if (o != t)
			taken |= o->match_bit;
	t->match_bit = needs ? ~taken & (taken + 1) : 0;
}

int proxy_add_toxic(struct proxy *p, struct toxic *t, struct err *e)
{
	size_t count = 0;
	struct toxic **last = &p->toxics;
	for (; *last; last = &(*last)->next)
		count++;
	if (check(p, t, e) ||
	    (count >= MATCH_BITS && err_usage(e, "a proxy has %d toxics at most", MATCH_BITS))) {
		toxic_free(t);
		return -1;
	}
	give_bit(p, t);
	t->first = p->next_number;
	t->next = NULL;
	*last = t;
	for (struct conn *c = p->conns; c; c = c->next) {
		struct dose_context ctx = conn_context(c, true);
		dose_hits(t, &ctx); /* tells of the draw */
	}
	changed(p);
	return 0;
}

int proxy_update_toxic(struct proxy *p, struct toxic *t, const struct json *j, struct err *e)
{
	if (toxic_update(t, j, mono_ns(), e))
		return -1;
	give_bit(p, t);
	changed(p);
	return 0;
}

/* What a timeout has swallowed is missing: the connection cannot go on as if nothing had been. */
static void end_swallowed(struct proxy *p, struct toxic *t)
{
	if (t->type->kind != TOXIC_TIMEOUT || t->a.keep)
		return;
	for (struct conn *c = p->conns, *next; c; c = next) {
		struct dose_context ctx = conn_context(c, false);
		next = c->next;
		if (dose_hits(t, &ctx))
			conn_end(c, false);
	}
}

void proxy_remove_toxic(struct proxy *p, struct toxic *t)
{
	struct toxic **at = &p->toxics;
	while (*at != t)
		at = &(*at)->next;
	end_swallowed(p, t);
	*at = t->next;
	changed(p);
	toxic_free(t);
}

static void ttl_due(struct evloop_timer *timer)
{
	struct proxy *p = (struct proxy *)(void *)((char *)timer - offsetof(struct proxy, ttl));
	int64_t now_ns = mono_ns();
	for (struct toxic *t = p->toxics, *next; t; t = next) {
		next = t->next;
		if (t->ends_ns && t->ends_ns <= now_ns)
			proxy_remove_toxic(p, t);
	}
}

void toxics_init(struct proxy *p)
{
	p->ttl.due = ttl_due;
}

void toxics_release(struct proxy *p)
{
	evloop_unset(p->relay->loop, &p->ttl);
	for (struct toxic *t; (t = p->toxics);) {
		p->toxics = t->next;
		toxic_free(t);
	}
}
