#include "net/pool.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"

#include <stdlib.h>

enum { SWEEP_S = 5 };

static void sweep(void *arg)
{
	struct pool *p = arg;
	pool_sweep(p);
	loop_timer_at(p->timer, mono_ns() + SWEEP_S * NS_PER_S);
}

int pool_init(struct pool *p, const struct transport_config *c, struct transport *owner,
	      struct err *e)
{
	p->config = c;
	p->owner = owner;
	p->depth = c->pipeline > 1 ? c->pipeline : 1;
	p->room = c->node_room ? c->node_room : c->node_count;
	p->open = mem_alloc(p->room * sizeof(*p->open));
	net_dialer_init(&p->dialer, c->loop, c->connect_timeout_ns, c->timeout_ns);
	p->timer = loop_timer_new(c->loop, sweep, p, e);
	if (!p->timer)
		return -1;
	loop_timer_at(p->timer, mono_ns() + SWEEP_S * NS_PER_S);
	return 0;
}

static void take_places(const struct transport_config *c, size_t node, int places)
{
	if (places && c->taken)
		c->taken(c->arg, node, places);
}

/* The places may be filled at once. */
static void close_conn(struct pool_conn *l)
{
	const struct transport_config *c = l->pool->config;
	size_t node = l->node;
	int taken = l->taken, open = l->counted ? l->pool->depth : 0;
	l->pool->conn_free(l->conn);
	free(l);
	if (open && c->opened)
		c->opened(c->arg, node, -open);
	take_places(c, node, -taken);
}

static void list(struct pool_conn *l)
{
	struct pool_conn **first = &l->pool->open[l->node];
	l->previous = NULL;
	l->next = *first;
	if (l->next)
		l->next->previous = l;
	*first = l;
}

/* Behind all that are open. */
static void list_last(struct pool_conn *l)
{
	struct pool_conn *last = l->pool->open[l->node];
	while (last && last->next)
		last = last->next;
	if (!last) {
		list(l);
		return;
	}
	l->previous = last;
	l->next = NULL;
	last->next = l;
}

static bool is_listed(const struct pool_conn *l)
{
	return !l->retired && l->live < l->pool->depth;
}

static void unlist(struct pool_conn *l)
{
	if (l->next)
		l->next->previous = l->previous;
	if (l->previous)
		l->previous->next = l->next;
	else
		l->pool->open[l->node] = l->next;
}

void pool_release(struct pool *p)
{
	for (size_t i = 0; i < p->room; i++)
		for (struct pool_conn *l = p->open[i], *next; l; l = next) {
			next = l->next;
			close_conn(l);
		}
	loop_timer_free(p->timer);
	net_dialer_release(&p->dialer);
	free(p->open);
}

void pool_sweep(struct pool *p)
{
	p->sweeps++;
	for (size_t i = 0; i < p->room; i++)
		for (struct pool_conn *l = p->open[i] ? p->open[i]->next : NULL, *next; l;
		     l = next) {
			next = l->next;
			if (!l->live && p->sweeps - l->idle_since > 1)
				pool_drop(l);
		}
}

struct pool_conn *pool_take(struct pool *p, struct request *r)
{
	if (!p->config->nodes[r->node].addrs.count) {
		request_fail(r, ERROR_DNS, "the name of the host could not be looked up");
		p->config->done(p->config->arg, r);
		return NULL;
	}
	struct pool_conn *l = p->open[r->node];
	if (!l) {
		l = mem_alloc(sizeof *l);
		l->pool = p;
		l->node = r->node;
		l->conn = p->conn_new(l);
		list(l);
	}
	if (++l->live == p->depth)
		unlist(l);
	l->request = r;
	r->state = l;
	return l;
}

void pool_give_back(struct pool_conn *l)
{
	bool was_listed = is_listed(l);
	if (--l->live == 0) {
		l->request = NULL;
		l->idle_since = l->pool->sweeps;
	}
	if (!was_listed && is_listed(l) && l->opening)
		list_last(l);
	else if (!was_listed && is_listed(l))
		list(l);
	if (l->retired) {
		l->taken++;
		take_places(l->pool->config, l->node, 1);
	}
}

void pool_opened(struct pool_conn *l)
{
	const struct transport_config *c = l->pool->config;
	l->opening = false;
	l->counted = true;
	if (is_listed(l)) {
		unlist(l);
		list(l);
	}
	if (c->opened)
		c->opened(c->arg, l->node, l->pool->depth);
}

void pool_done(struct pool_conn *l, bool keep)
{
	const struct transport_config *c = l->pool->config;
	struct request *r = l->request;
	if (keep)
		pool_give_back(l);
	else
		close_conn(l);
	c->done(c->arg, r);
}

static void unlist_for_good(struct pool_conn *l)
{
	if (is_listed(l))
		unlist(l);
	l->retired = true;
}

void pool_retire(struct pool_conn *l)
{
	int before = l->taken;
	unlist_for_good(l);
	l->taken = l->pool->depth - l->live;
	take_places(l->pool->config, l->node, l->taken - before);
}

void pool_drop(struct pool_conn *l)
{
	unlist_for_good(l);
	close_conn(l);
}
