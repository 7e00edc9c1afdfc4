#include "relay/conn.h"

#include "base/clock.h"
#include "base/rng.h"
#include "relay/decide.h"
#include "relay/link.h"
#include "relay/queue.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DRAINS_MAX = 16 };

/* What has come in and nobody has read would make a reset of a close. */
static void take_out(const struct relay *r, int fd)
{
	for (int i = 0; i < DRAINS_MAX && recv(fd, r->room, RELAY_READ_MAX, MSG_DONTWAIT) > 0; i++)
		;
}

void conn_end(struct conn *c, bool reset)
{
	struct relay *r = c->proxy->relay;
	if (c->dead)
		return;
	c->dead = true;
	c->proxy->resets += reset;
	struct peer *peers[] = {&c->client, &c->server};
	for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
		if (reset && peers[i]->watch.fd >= 0)
			endpoint_will_reset(peers[i]->watch.fd);
		else if (peers[i]->watch.fd >= 0)
			take_out(r, peers[i]->watch.fd);
		evloop_close(&peers[i]->watch);
	}
	link_release(&c->up);
	link_release(&c->down);
	dialog_free(c->dialog);
	c->dialog = NULL;
	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->proxy->open--;
	evloop_free_later(r->loop, c);
}

/* --- running ------------------------------------------------------------------------------ */

static void run(struct conn *c, struct link *l)
{
	if (c->dead || !c->open)
		return;
	enum link_outcome now = link_run(l);
	if (now != LINK_GOES_ON)
		conn_end(c, now == LINK_RESET);
	else if (c->up.done && c->down.done)
		conn_end(c, c->up.broken || c->down.broken);
	else if (l->done && l->broken) /* nobody is there to talk to any more */
		conn_end(c, true);
}

static void timer_due(struct evloop_timer *t)
{
	struct link *l = (struct link *)(void *)t;
	run(l->conn, l);
}

/* One side's words may bring an answer of our own to the other direction as well. */
static void run_both(struct conn *c)
{
	run(c, &c->up);
	run(c, &c->down);
}

static void note_events(struct peer *p, int events)
{
	p->readable |= (events & EVLOOP_READ) != 0;
	p->writable |= (events & EVLOOP_WRITE) != 0;
	p->ended |= (events & EVLOOP_END) != 0;
}

static void peer_moved(struct conn *c, struct link *in, struct link *out, int events)
{
	if (c->dialog || (events & EVLOOP_BROKEN)) {
		run_both(c);
		return;
	}
	if (events & EVLOOP_READ)
		run(c, in);
	if ((events & EVLOOP_WRITE) && (out->first || out->eof))
		run(c, out);
}

static void client_ready(struct evloop_watch *w, int events)
{
	struct peer *p = (struct peer *)(void *)w;
	struct conn *c = p->conn;
	note_events(p, events);
	if (!c->open && c->server.watch.fd < 0 && p->ended)
		conn_end(c, false);
	else
		peer_moved(c, &c->up, &c->down, events);
}

/* --- dialling ------------------------------------------------------------------------------ */

static void server_ready(struct evloop_watch *w, int events);

static void opened(struct conn *c)
{
	c->open = true;
	c->server.writable = true;
	conn_toxics_changed(c);
}

/* Tries the next address; without one, the client is told as it would be without a proxy. */
static void dial(struct conn *c)
{
	struct err e;
	const struct net_addrs *to = &c->proxy->upstream.addrs;
	while (c->address < to->count) {
		bool done;
		int fd = endpoint_dial(&to->list[c->address++], &done);
		if (fd < 0)
			continue;
		c->server.writable = c->server.readable = c->server.ended = false;
		if (evloop_add(c->proxy->relay->loop, &c->server.watch, fd, &e)) {
			close(fd);
			break;
		}
		if (done)
			opened(c);
		return;
	}
	c->proxy->dial_failed++;
	conn_end(c, true);
}

static void server_ready(struct evloop_watch *w, int events)
{
	struct peer *p = (struct peer *)(void *)w;
	struct conn *c = p->conn;
	int why = 0;
	socklen_t len = sizeof why;
	note_events(p, events);
	if (c->open) {
		peer_moved(c, &c->down, &c->up, events);
		return;
	}
	if (!(events & EVLOOP_WRITE))
		return;
	getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &why, &len);
	if (!why) {
		opened(c);
		return;
	}
	evloop_close(w);
	dial(c);
}

/* --- toxics ----------------------------------------------------------------------------------- */

static void emit(void *arg, enum toxic_stream to, const char *data, size_t len, uint32_t match)
{
	struct conn *c = arg;
	link_add(to == UPSTREAM ? &c->up : &c->down, data, len, match);
}

/* The server, which has not seen the request, would not end it. */
static void over(void *arg)
{
	struct conn *c = arg;
	c->down.eof = true;
	c->down.eof_ns = mono_ns();
	evloop_soon(c->proxy->relay->loop, &c->down.timer);
}

static void open_dialog(struct conn *c)
{
	const struct dialog_calls calls = {emit, decide, over, c};
	for (const struct toxic *t = c->proxy->toxics; t && !c->dialog; t = t->next)
		if (toxic_protocol(t) != PROTOCOL_NONE)
			c->dialog = dialog_new(toxic_protocol(t), c->silent, c->spoke, &calls);
}

/* A blackhole holds a connection before it is dialled. */
static bool in_blackhole(struct conn *c)
{
	struct dose_context ctx = conn_context(c, false);
	for (struct toxic *t = c->proxy->toxics; t; t = t->next)
		if (t->type->kind == TOXIC_BLACKHOLE && dose_hits(t, &ctx))
			return true;
	return false;
}

void conn_toxics_changed(struct conn *c)
{
	if (c->dead)
		return;
	if (!c->open) {
		if (c->server.watch.fd < 0 && !in_blackhole(c))
			dial(c);
		return;
	}
	open_dialog(c);
	queue_replan(&c->up, c->proxy->toxics);
	queue_replan(&c->down, c->proxy->toxics);
	run_both(c);
}

/* Tells of the draws once, when the connection is made. */
static bool is_refused(struct conn *c)
{
	struct dose_context ctx = conn_context(c, true);
	bool refused = false;
	for (struct toxic *t = c->proxy->toxics; t; t = t->next)
		refused |= dose_hits(t, &ctx) && t->type->kind == TOXIC_REFUSE;
	return refused;
}

void conn_start(struct proxy *p, int fd)
{
	struct err e;
	struct conn *c = mem_alloc(sizeof *c);
	c->proxy = p;
	c->number = p->next_number++;
	c->base = rng_at(p->relay->seed ^ p->key, c->number);
	c->from = peer_address_of(fd);
	c->silent = true;
	c->client = (struct peer){.watch = {.ready = client_ready, .fd = -1}, .conn = c, .writable = true};
	c->server = (struct peer){.watch = {.ready = server_ready, .fd = -1}, .conn = c};
	link_init(&c->up, c, &c->client, &c->server, UPSTREAM);
	link_init(&c->down, c, &c->server, &c->client, DOWNSTREAM);
	c->up.timer.due = c->down.timer.due = timer_due;
	c->prev = &p->conns;
	if ((c->next = p->conns))
		c->next->prev = &c->next;
	p->conns = c;
	p->connections++;
	p->open++;
	endpoint_no_delay(fd);
	if (evloop_add(p->relay->loop, &c->client.watch, fd, &e)) {
		close(fd);
		conn_end(c, false);
	} else if (is_refused(c)) {
		p->refused++;
		conn_end(c, true);
	} else if (!in_blackhole(c)) {
		dial(c);
	}
}
