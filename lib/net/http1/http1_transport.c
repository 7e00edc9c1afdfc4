/* Plain HTTP/1.1 with keep-alive at the lowest cost: requests are built once, and each takes one
 * send and one receive. A connection takes one request at a time, which is written once and never
 * again. */
#include "net/transport.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/http1/http1_parse.h"
#include "net/http_plan.h"
#include "net/net_error.h"
#include "net/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	READ_BYTES = 16384,
	READS_MAX = 16, /* per loop iteration */
};

struct text {
	struct buf bytes;
	bool head; /* a HEAD request: the answer has no body */
};

struct transport {
	const struct transport_config *config;
	struct http_plan plan;
	struct text *texts; /* one for each request of the plan */
	struct pool pool;
};

/* Opens itself with its first request. */
struct conn {
	struct pool_conn *place;
	struct net_link link;
	bool used; /* it has carried a request before this one */
	const struct text *text;
	struct text own; /* of a request that varies */
	size_t out;	 /* bytes of text that are out */
	struct http1_parse answer;
	struct http_find find;
};

static void lose(struct conn *c, enum error_class error, const char *detail)
{
	struct request *r = c->place->request;
	if (!r) {
		pool_drop(c->place);
		return;
	}
	r->bytes = c->answer.body_bytes;
	request_fail(r, error, detail);
	pool_done(c->place, false);
}

/* The peer closed or reset the connection. On a reused connection it is unknown whether the server
 * processed the request, so it is not sent again. */
static void lose_peer(struct conn *c, int sys_errno)
{
	bool begun = http1_parse_begun(&c->answer);
	if (c->place->request && c->used && !begun)
		lose(c, ERROR_RESET, "connection lost after the request was sent; not sent again");
	else if (sys_errno)
		lose(c, net_error_class(sys_errno), strerror(sys_errno));
	else
		lose(c, ERROR_CLOSED,
		     begun ? "connection closed within the answer"
			   : "connection closed without an answer");
}

/* A reused connection failed before any byte of the request was written: sending on a new one is
 * not a second sending. */
static void reopen(struct conn *c)
{
	net_link_close(&c->link);
	c->used = false;
	net_link_open(&c->link);
}

/* Writes until the socket would block. May lose the connection. */
static void write_out(struct conn *c)
{
	struct request *r = c->place->request;
	const struct buf *b = &c->text->bytes;
	while (c->out < b->len) {
		int64_t now = r->sent_ns ? 0 : mono_ns();
		ssize_t n = send(c->link.fd, b->data + c->out, b->len - c->out, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			net_link_watch(&c->link, LOOP_READ | LOOP_WRITE);
			return;
		}
		if (n < 0 && c->used && !c->out) {
			reopen(c);
			return;
		}
		if (n < 0) {
			lose_peer(c, errno);
			return;
		}
		if (!r->sent_ns)
			r->sent_ns = now;
		c->out += (size_t)n;
	}
	net_link_watch(&c->link, LOOP_READ);
}

static void answered(struct conn *c, bool keep)
{
	const struct http_config *h = &c->place->pool->config->http;
	struct request *r = c->place->request;
	r->bytes = c->answer.body_bytes;
	r->status = c->answer.status;
	http_judge(&h->templates[r->op], &c->find, r);
	c->used = true;
	pool_done(c->place, keep && c->answer.keep_alive && c->out == c->text->bytes.len && !h->fresh);
}

/* Returns true if the connection waits for more. */
static bool take_in(struct conn *c, const char *data, size_t len)
{
	if (!c->place->request) { /* data on an idle connection */
		lose(c, ERROR_PROTOCOL, "");
		return false;
	}
	size_t used = http1_parse(&c->answer, data, len);
	if (c->answer.state == HTTP1_BAD) {
		lose(c, ERROR_PROTOCOL, c->answer.why);
		return false;
	}
	if (c->answer.state != HTTP1_DONE)
		return true;
	answered(c, used == len);
	return false;
}

static void peer_closed(struct conn *c)
{
	if (c->place->request && http1_parse_end(&c->answer))
		answered(c, false);
	else
		lose_peer(c, 0);
}

static void read_in(struct conn *c)
{
	char data[READ_BYTES];
	for (int reads = 0; reads < READS_MAX; reads++) {
		ssize_t n = recv(c->link.fd, data, sizeof data, 0);
		if (n == 0) {
			peer_closed(c);
			return;
		}
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				lose_peer(c, errno);
			return;
		}
		if (!take_in(c, data, (size_t)n) || (size_t)n < sizeof data)
			return;
	}
}

static void connected(void *arg)
{
	write_out(arg);
}

static void failed(void *arg, enum error_class error, const char *detail)
{
	lose(arg, error, detail);
}

static void ready(void *arg, int events)
{
	struct conn *c = arg;
	/* Reads first: a server may answer and close before it has read the whole request. */
	if (events & (LOOP_READ | LOOP_ERROR)) {
		if (!(events & LOOP_ERROR) || !net_link_watch(&c->link, LOOP_READ))
			read_in(c);
		return;
	}
	if (events & LOOP_WRITE)
		write_out(c);
}

static void *conn_new(struct pool_conn *place)
{
	static const struct net_link_events events = {
		.connected = connected, .failed = failed, .ready = ready};
	struct pool *p = place->pool;
	struct conn *c = mem_alloc(sizeof *c);
	c->place = place;
	buf_init(&c->own.bytes);
	net_link_init(&c->link, &p->dialer, &p->config->nodes[place->node].addrs, &events, c);
	return c;
}

static void conn_free(void *conn)
{
	struct conn *c = conn;
	net_link_close(&c->link);
	buf_release(&c->own.bytes);
	free(c);
}

static void body_in(void *arg, const char *data, size_t len)
{
	http_find_in(arg, data, len);
}

/* What a slot sends if its request varies. */
static const struct text *write_own(struct conn *c, const struct transport *t,
				    const struct http_request *q, const struct request *r)
{
	struct http_request now;
	http_request_write(q, r->slot, t->config->seed, &now);
	buf_reset(&c->own.bytes);
	http_request_text(&now, &t->config->http, &t->config->nodes[r->node].url, &c->own.bytes);
	http_request_release(&now);
	c->own.head = strcmp(q->method, "HEAD") == 0;
	return &c->own;
}

static void http1_submit(struct transport *t, struct request *r)
{
	struct pool_conn *place = pool_take(&t->pool, r);
	if (!place)
		return;
	struct conn *c = place->conn;
	size_t i = http_plan_index(&t->plan, r->node, r->op);
	const struct http_request *q = &t->plan.requests[i];
	c->text = q->varies ? write_own(c, t, q, r) : &t->texts[i];
	c->out = 0;
	http_find_start(&c->find, q->template->contains);
	http1_parse_start(&c->answer, c->text->head);
	c->answer.body = c->find.text ? body_in : NULL;
	c->answer.arg = &c->find;
	if (c->link.connected)
		write_out(c);
	else
		net_link_open(&c->link);
}

/* The answer may still arrive, so the connection cannot be reused. */
static void http1_cancel(struct transport *t, struct request *r)
{
	struct pool_conn *place = r->state;
	const struct conn *c = place->conn;
	(void)t;
	r->bytes = c->answer.body_bytes;
	pool_drop(place);
}

static void http1_route(struct transport *t, struct request *r)
{
	http_plan_route(&t->plan, r);
}

static const char *http1_op_name(const struct transport *t, size_t node, int op)
{
	return t->plan.requests[http_plan_index(&t->plan, node, op)].op;
}

static void http1_close(struct transport *t)
{
	if (!t)
		return;
	const struct transport_config *c = t->config;
	for (size_t i = 0; i < c->node_count * c->http.template_count; i++)
		buf_release(&t->texts[i].bytes);
	pool_release(&t->pool);
	http_plan_release(&t->plan);
	free(t->texts);
	free(t);
}

static void write_text(struct transport *t, size_t node, size_t template)
{
	size_t i = http_plan_index(&t->plan, node, (int)template);
	const struct http_request *q = &t->plan.requests[i];
	http_request_text(q, &t->config->http, &t->config->nodes[node].url, &t->texts[i].bytes);
	t->texts[i].head = strcmp(q->method, "HEAD") == 0;
}

static struct transport *http1_open(const struct transport_config *c, struct err *e)
{
	struct transport *t = mem_alloc(sizeof *t);
	t->config = c;
	t->pool = (struct pool){.conn_new = conn_new, .conn_free = conn_free};
	int rc = pool_init(&t->pool, c, t, e);
	http_plan_init(&t->plan, c);
	t->texts = mem_alloc(c->node_count * c->http.template_count * sizeof *t->texts);
	for (size_t i = 0; i < c->node_count * c->http.template_count; i++)
		buf_init(&t->texts[i].bytes);
	for (size_t n = 0; n < c->node_count; n++)
		for (size_t a = 0; a < c->http.template_count; a++)
			if (http_plan_meets(&t->plan, n, a))
				write_text(t, n, a);
	if (rc) {
		http1_close(t);
		return NULL;
	}
	c->ready(c->ready_arg);
	return t;
}

const struct transport_ops http1_transport = {
	.name = "own",
	.schemes = "http",
	.open = http1_open,
	.route = http1_route,
	.op_name = http1_op_name,
	.submit = http1_submit,
	.cancel = http1_cancel,
	.close = http1_close,
};
