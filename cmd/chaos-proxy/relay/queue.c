#include "relay/queue.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

struct effect_context conn_context(const struct conn *c, bool tell)
{
	return (struct effect_context){.decisions = tell ? &c->proxy->relay->decisions : NULL,
				       .proxy = c->proxy->kept_name,
				       .connection = c->number,
				       .base = c->base};
}

static struct proxy *proxy_of(const struct link *l)
{
	return l->conn->proxy;
}

void queue_clear(struct link *l)
{
	for (struct piece *p; (p = l->first);) {
		l->first = p->next;
		free(p);
	}
	l->last = &l->first;
	proxy_of(l)->relay->queued -= l->queued;
	l->queued = l->pieces = 0;
}

/* False if a toxic swallows it. */
static bool plan(struct link *l, struct piece *p, bool head, bool tell)
{
	struct effect_context c = conn_context(l->conn, tell);
	int64_t at_ns = p->came_ns;
	for (size_t i = 0; i < l->effect_count && at_ns < DUE_DROP; i++) {
		struct effect *e = &l->effects[i];
		at_ns = effect_due(e, head ? &e->head : &e->tail, &c, p, at_ns);
	}
	if (head)
		return true;
	if (at_ns == DUE_DROP)
		return false;
	p->due_ns = at_ns > l->last_due_ns ? at_ns : l->last_due_ns;
	l->last_due_ns = p->due_ns;
	return true;
}

static size_t cut(struct link *l, uint64_t at, size_t len)
{
	struct effect_context c = conn_context(l->conn, false);
	size_t block = BLOCK_BYTES - (size_t)(at % BLOCK_BYTES);
	if (block < len)
		len = block;
	for (size_t i = 0; i < l->effect_count; i++)
		len = effect_cut(&l->effects[i], &c, at, len);
	return len;
}

static struct piece *new_piece(struct link *l, const char *data, size_t len)
{
	struct piece *p = malloc(sizeof *p + len);
	if (!p)
		abort();
	*p = (struct piece){.len = (uint32_t)len, .came_ns = l->now_ns, .at = l->at};
	memcpy(p->data, data, len);
	return p;
}

static void append(struct link *l, struct piece *p)
{
	p->next = NULL;
	*l->last = p;
	l->last = &p->next;
	l->queued += p->len - p->off;
	l->pieces++;
	proxy_of(l)->relay->queued += p->len - p->off;
}

void queue_add(struct link *l, const char *data, size_t len, uint32_t match)
{
	while (len && !l->done) {
		size_t part = cut(l, l->at, len);
		struct piece *p = new_piece(l, data, part);
		p->match = match;
		l->at += part;
		if (plan(l, p, false, true))
			append(l, p);
		else
			free(p);
		data += part;
		len -= part;
	}
}

void queue_add_plain(struct link *l, const char *data, size_t len)
{
	struct piece *p = new_piece(l, data, len);
	l->at += len;
	p->due_ns = l->last_due_ns > p->came_ns ? l->last_due_ns : p->came_ns;
	append(l, p);
}

static void piece_went(struct link *l)
{
	struct piece *p = l->first;
	l->first = p->next;
	l->pieces--;
	if (!l->first)
		l->last = &l->first;
	if (l->effect_count)
		plan(l, p, true, false);
	free(p);
}

void queue_went(struct link *l, size_t n)
{
	l->queued -= n;
	proxy_of(l)->relay->queued -= n;
	while (n) {
		struct piece *p = l->first;
		size_t left = p->len - p->off, part = n < left ? n : left;
		p->off += (uint32_t)part;
		n -= part;
		if (p->off == p->len)
			piece_went(l);
	}
}

/* Splits a piece that waits where the toxics cut now. */
static struct piece *rest_of(struct link *l, struct piece *p)
{
	size_t len = p->off ? p->len : cut(l, p->at, p->len);
	if (len == p->len)
		return NULL;
	struct piece *rest = new_piece(l, p->data + len, p->len - len);
	rest->came_ns = p->came_ns;
	rest->at = p->at + len;
	rest->match = p->match;
	p->len = (uint32_t)len;
	return rest;
}

static void plan_again(struct link *l)
{
	struct piece *waiting = l->first;
	l->first = NULL;
	l->last = &l->first;
	l->last_due_ns = 0;
	proxy_of(l)->relay->queued -= l->queued;
	l->queued = l->pieces = 0;
	for (size_t i = 0; i < l->effect_count; i++)
		l->effects[i].tail = l->effects[i].head;
	while (waiting) {
		struct piece *p = waiting, *next = p->next, *rest = rest_of(l, p);
		if (rest)
			rest->next = next;
		waiting = rest ? rest : next;
		bool stays = plan(l, p, false, false);
		if (p->off) { /* has begun to leave */
			p->due_ns = l->last_due_ns = 0;
			stays = true;
		}
		if (stays)
			append(l, p);
		else
			free(p);
	}
}

static bool acts_on_data(const struct toxic *t)
{
	return t->type->kind != TOXIC_REFUSE && t->type->kind != TOXIC_BLACKHOLE &&
	       t->type->protocol == PROTOCOL_NONE;
}

static struct effect effect_for(struct link *l, struct toxic *t)
{
	struct effect fresh = {.toxic = t, .since_ns = mono_ns()};
	for (size_t i = 0; i < l->effect_count; i++)
		if (l->effects[i].toxic == t)
			return l->effects[i];
	/* What has come in already is not to go through a new pace as if the line had been free. */
	fresh.head.free_ns = fresh.since_ns;
	return fresh;
}

void queue_replan(struct link *l, struct toxic *toxics)
{
	struct effect *now = NULL;
	size_t count = 0, alloc = 0;
	struct effect_context c = conn_context(l->conn, false);
	for (struct toxic *t = toxics; t; t = t->next) {
		if (t->stream != l->stream || !acts_on_data(t) || !effect_hits(t, &c))
			continue;
		now = mem_grow(now, &alloc, count, sizeof *now);
		now[count++] = effect_for(l, t);
	}
	free(l->effects);
	l->effects = now ? mem_realloc(now, count, sizeof *now) : NULL;
	l->effect_count = (uint16_t)count;
	l->now_ns = mono_ns();
	plan_again(l);
}
