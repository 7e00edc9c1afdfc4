/* Plain HTTP/1.1 with keep-alive at the lowest cost: requests are built once, and each takes one
 * send and one receive. */
#include "net/transport.h"

#include "base/buf.h"
#include "net/http1/http1_conn.h"
#include "net/http_plan.h"
#include "net/pool.h"

#include <stdlib.h>
#include <string.h>

struct text {
	struct buf bytes;
	struct http1_message message;
};

struct transport {
	const struct transport_config *config;
	struct http_plan plan;
	struct text *texts; /* one for each request of the plan */
	struct pool pool;
};

static void answered(void *arg, int status, int64_t bytes, bool keep)
{
	struct pool_conn *l = arg;
	const struct http_config *c = &l->pool->config->http;
	struct request *r = l->request;
	r->sent_ns = http1_conn_sent_ns(l->conn);
	r->bytes = bytes;
	r->status = status;
	http_judge(c, r);
	pool_done(l, keep && !c->fresh);
}

static void lost(void *arg, enum sample_error error, const char *detail, int64_t bytes)
{
	struct pool_conn *l = arg;
	struct request *r = l->request;
	if (!r) {
		pool_drop(l);
		return;
	}
	r->sent_ns = http1_conn_sent_ns(l->conn);
	r->bytes = bytes;
	request_fail(r, error, detail);
	pool_done(l, false);
}

static const struct http1_conn_events events = {.answered = answered, .lost = lost};

static void *conn_new(struct pool_conn *l)
{
	struct pool *p = l->pool;
	return http1_conn_new(&p->dialer, &p->config->nodes[l->node].addrs, &events, l);
}

static void conn_free(void *conn)
{
	http1_conn_free(conn);
}

static void http1_submit(struct transport *t, struct request *r)
{
	struct pool_conn *l = pool_take(&t->pool, r);
	if (l)
		http1_conn_send(l->conn,
				&t->texts[http_plan_index(&t->plan, r->node, r->op)].message);
}

/* The answer may still arrive, so the connection cannot be reused. */
static void http1_cancel(struct transport *t, struct request *r)
{
	struct pool_conn *l = r->state;
	(void)t;
	r->sent_ns = http1_conn_sent_ns(l->conn);
	r->bytes = http1_conn_bytes(l->conn);
	pool_drop(l);
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
	struct text *x = &t->texts[i];
	http_request_text(q, &t->config->http, &t->config->nodes[node].url, &x->bytes);
	x->message = (struct http1_message){
		.text = x->bytes.data, .len = x->bytes.len, .head = strcmp(q->method, "HEAD") == 0};
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
