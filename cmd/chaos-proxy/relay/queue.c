#include "relay/queue.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

struct dose_context conn_context(const struct conn *c, bool tell)
{
	return (struct dose_context){.decisions = tell ? &c->proxy->relay->decisions : NULL,
				     .proxy = c->proxy->kept_name,
				     .key = c->proxy->key,
				     .peer = &c->from,
				     .connection = c->number,
				     .base = c->base};
}

static struct proxy *proxy_of(const struct link *l)
{
	return l->conn->proxy;
}

/* False if a toxic swallows it. */
static bool plan(struct link *l, struct piece *p, bool head, bool tell)
{
	struct dose_context c = conn_context(l->conn, tell);
	int64_t at_ns = p->came_ns;
	for (size_t i = 0; i < l->dose_count && at_ns < DUE_DROP; i++) {
		struct dose *d = &l->doses[i];
		at_ns = dose_due(d, head ? &d->head : &d->tail, &c, p, at_ns);
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
	struct dose_context c = conn_context(l->conn, false);
	for (size_t i = 0; i < l->dose_count; i++)
		len = dose_cut(&l->doses[i], &c, at, len);
	return len;
}

static struct piece *new_piece(size_t len)
{
	struct piece *p = malloc(sizeof *p + len);
	if (!p)
		abort();
	*p = (struct piece){.len = (uint32_t)len};
	return p;
}

/* Before *at, which may be the end. */
static void insert(struct link *l, struct piece **at, struct piece *p)
{
	p->next = *at;
	*at = p;
	if (!p->next)
		l->last = &p->next;
	l->pieces++;
}

static struct piece *take_out(struct link *l, struct piece **at)
{
	struct piece *p = *at;
	*at = p->next;
	if (!p->next)
		l->last = at;
	l->pieces--;
	return p;
}

static void append(struct link *l, const char *data, size_t len, uint32_t match)
{
	struct piece *p = new_piece(len);
	p->came_ns = l->now_ns;
	p->at = l->at;
	p->match = match;
	p->due_ns = DUE_NEVER;
	memcpy(p->data, data, len);
	insert(l, l->last, p);
	l->at += len;
	l->queued += len;
	proxy_of(l)->relay->queued += len;
}

/* --- when: no more is cut and planned than will leave soon, so that no change takes long --------- */

enum { PLANNED_MAX = 256, JOINED_MAX = BLOCK_BYTES };

/* The first len bytes of *at as a piece of their own. */
static void split(struct link *l, struct piece **at, size_t len)
{
	struct piece *rest = *at, *p = new_piece(len);
	*p = (struct piece){.came_ns = rest->came_ns,
			    .shared_ns = rest->shared_ns,
			    .shared_version = rest->shared_version,
			    .at = rest->at,
			    .len = (uint32_t)len,
			    .match = rest->match,
			    .known = rest->known};
	memcpy(p->data, rest->data + rest->skip, len); /* behind: data begins within the padding */
	rest->shared_version = 0;
	rest->at += len;
	rest->skip += (uint32_t)len;
	rest->len -= (uint32_t)len;
	insert(l, at, p);
}

static void drop(struct link *l, struct piece **at)
{
	struct piece *p = take_out(l, at);
	l->queued -= p->len;
	proxy_of(l)->relay->queued -= p->len;
	free(p);
}

/* Plans what comes next, until enough is planned. */
static void plan_more(struct link *l)
{
	while (*l->unplanned && (l->planned < PLANNED_MAX || !l->dose_count)) {
		struct piece *p = *l->unplanned;
		size_t len = p->off ? p->len : cut(l, p->at, p->len);
		if (len < p->len) {
			split(l, l->unplanned, len);
			p = *l->unplanned;
		}
		bool stays = plan(l, p, false, !p->known);
		p->known = true;
		if (p->off) { /* has begun to leave */
			p->due_ns = l->last_due_ns = 0;
		} else if (!stays) {
			drop(l, l->unplanned);
			continue;
		}
		l->unplanned = &p->next;
		l->planned++;
	}
}

static bool may_join(const struct piece *a, const struct piece *b, size_t len)
{
	return len + b->len <= JOINED_MAX && a->came_ns == b->came_ns && a->match == b->match &&
	       a->known == b->known && !a->off && !a->shared_version && !b->shared_version;
}

/* Makes one of those from *at on that a toxic has cut, up to the one that was not planned. Else each toxic
 * that comes would cut them smaller. */
static void join(struct link *l, struct piece **at, const struct piece *end)
{
	struct piece *first = *at, *p = first->next;
	size_t len = first->len;
	for (; p != end && may_join(first, p, len); p = p->next)
		len += p->len;
	if (p == first->next)
		return;
	struct piece *whole = new_piece(len);
	size_t have = 0;
	*whole = *first;
	whole->skip = 0;
	whole->len = (uint32_t)len;
	for (; have < len; free(p)) {
		p = take_out(l, at);
		memcpy(whole->data + have, p->data + p->skip, p->len);
		have += p->len;
	}
	insert(l, at, whole);
}

static void plan_again(struct link *l)
{
	const struct piece *end = *l->unplanned;
	for (struct piece **at = &l->first; *at != end; at = &(*at)->next) {
		join(l, at, end);
		(*at)->due_ns = DUE_NEVER;
	}
	l->unplanned = &l->first;
	l->planned = 0;
	l->last_due_ns = 0;
	for (size_t i = 0; i < l->dose_count; i++)
		l->doses[i].tail = l->doses[i].head;
	plan_more(l);
}

/* --- in and out ---------------------------------------------------------------------------------- */

void queue_open(struct link *l)
{
	l->last = l->unplanned = &l->first;
}

void queue_clear(struct link *l)
{
	for (struct piece *p; (p = l->first);) {
		l->first = p->next;
		free(p);
	}
	proxy_of(l)->relay->queued -= l->queued;
	l->queued = l->pieces = l->planned = 0;
	queue_open(l);
}

void queue_add(struct link *l, const char *data, size_t len, uint32_t match)
{
	while (len && !l->done) {
		size_t part = *l->unplanned ? len : cut(l, l->at, len);
		append(l, data, part, match);
		plan_more(l);
		data += part;
		len -= part;
	}
}

void queue_add_plain(struct link *l, const char *data, size_t len)
{
	append(l, data, len, 0);
	plan_more(l);
}

static void piece_went(struct link *l)
{
	if (l->unplanned == &l->first->next)
		l->unplanned = &l->first;
	struct piece *p = take_out(l, &l->first);
	l->planned--;
	if (l->dose_count)
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
	if (l->planned < PLANNED_MAX / 2)
		plan_more(l);
}

static bool acts_on_data(const struct toxic *t)
{
	return t->type->kind != TOXIC_REFUSE && t->type->kind != TOXIC_BLACKHOLE &&
	       t->type->protocol == PROTOCOL_NONE;
}

static struct dose dose_for(struct link *l, struct toxic *t)
{
	struct dose fresh = {.toxic = t, .since_ns = mono_ns()};
	if (t->seeded)
		fresh.from = l->first ? l->first->at : l->at;
	for (size_t i = 0; i < l->dose_count; i++)
		if (l->doses[i].toxic == t)
			return l->doses[i];
	/* What has come in already is not to go through a new pace as if the line had been free. */
	fresh.head.free_ns = fresh.since_ns;
	return fresh;
}

void queue_replan(struct link *l, struct toxic *toxics)
{
	struct dose *now = NULL;
	size_t count = 0, alloc = 0;
	struct dose_context c = conn_context(l->conn, false);
	for (struct toxic *t = toxics; t; t = t->next) {
		if (t->stream != l->stream || !acts_on_data(t) || !dose_hits(t, &c))
			continue;
		now = mem_grow(now, &alloc, count, sizeof *now);
		now[count++] = dose_for(l, t);
	}
	free(l->doses);
	l->doses = now ? mem_realloc(now, count, sizeof *now) : NULL;
	l->dose_count = (uint16_t)count;
	l->now_ns = mono_ns();
	plan_again(l);
}
