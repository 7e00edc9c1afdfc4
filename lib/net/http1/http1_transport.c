#include "net/http1/http1_transport.h"

#include "base/buf.h"
#include "net/http1/http1_conn.h"
#include "net/http_plan.h"
#include "net/idle.h"

#include <stdlib.h>
#include <string.h>

/* One connection of a node's pool. */
struct line {
	struct idle_link idle; /* first: what the node's list holds */
	struct transport *owner;
	struct http1_conn *conn;
	struct request *request; /* NULL: idle */
	size_t node;
};

struct text {
	struct buf bytes;
	struct http1_message message;
};

struct transport {
	const struct transport_config *config;
	struct http_plan plan;
	struct text *texts;	/* one for each request of the plan */
	struct idle_list *idle; /* one a node */
	struct net_dialer dialer;
};

static void set_idle(struct line *l)
{
	l->request = NULL;
	idle_add(&l->owner->idle[l->node], &l->idle);
}

static struct line *take_idle(struct transport *t, size_t node)
{
	return (struct line *)(void *)idle_pop(&t->idle[node]);
}

static void end_line(struct line *l)
{
	http1_conn_free(l->conn);
	free(l);
}

static void answered(void *arg, int status, int64_t bytes, bool keep)
{
	struct line *l = arg;
	struct transport *t = l->owner;
	struct request *r = l->request;
	r->sent_ns = http1_conn_sent_ns(l->conn);
	r->bytes = bytes;
	r->status = status;
	http_judge(&t->config->http, r);
	if (keep && !t->config->http.fresh)
		set_idle(l);
	else
		end_line(l);
	t->config->done(t->config->arg, r);
}

static void lost(void *arg, enum sample_error error, const char *detail, int64_t bytes)
{
	struct line *l = arg;
	struct transport *t = l->owner;
	struct request *r = l->request;
	if (!r) {
		idle_remove(&t->idle[l->node], &l->idle);
		end_line(l);
		return;
	}
	r->sent_ns = http1_conn_sent_ns(l->conn);
	r->bytes = bytes;
	r->error = error;
	request_explain(r, detail);
	end_line(l);
	t->config->done(t->config->arg, r);
}

static const struct http1_conn_events events = {.answered = answered, .lost = lost};

static void http1_submit(struct transport *t, struct request *r)
{
	const struct transport_node *node = &t->config->nodes[r->node];
	if (!node->addrs.count) {
		transport_no_address(t->config, r);
		return;
	}
	struct line *l = take_idle(t, r->node);
	if (!l) {
		l = mem_alloc(sizeof *l);
		l->owner = t;
		l->node = r->node;
		l->conn = http1_conn_new(&t->dialer, &node->addrs, &events, l);
	}
	l->request = r;
	r->state = l;
	http1_conn_send(l->conn, &t->texts[http_plan_index(&t->plan, r->node, r->op)].message);
}

/* The answer may still come, so the connection is of no more use. */
static void http1_cancel(struct transport *t, struct request *r)
{
	struct line *l = r->state;
	(void)t;
	r->sent_ns = http1_conn_sent_ns(l->conn);
	r->bytes = http1_conn_bytes(l->conn);
	end_line(l);
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
	for (size_t i = 0; i < c->node_count; i++)
		for (struct line *l; (l = take_idle(t, i));)
			end_line(l);
	for (size_t i = 0; i < c->node_count * c->http.ask_count; i++)
		buf_release(&t->texts[i].bytes);
	net_dialer_release(&t->dialer);
	http_plan_release(&t->plan);
	free(t->texts);
	free(t->idle);
	free(t);
}

static void write_text(struct transport *t, size_t node, size_t ask)
{
	size_t i = http_plan_index(&t->plan, node, (int)ask);
	const struct http_request *q = &t->plan.requests[i];
	struct text *x = &t->texts[i];
	http_request_text(q, &t->config->http, &t->config->nodes[node].url, &x->bytes);
	x->message = (struct http1_message){
		.text = x->bytes.data, .len = x->bytes.len, .head = strcmp(q->method, "HEAD") == 0};
}

static struct transport *http1_open(const struct transport_config *c, struct err *e)
{
	struct transport *t = mem_alloc(sizeof *t);
	(void)e;
	t->config = c;
	net_dialer_init(&t->dialer, c->loop, c->connect_timeout_ns);
	http_plan_init(&t->plan, c);
	t->idle = mem_alloc(c->node_count * sizeof *t->idle);
	t->texts = mem_alloc(c->node_count * c->http.ask_count * sizeof *t->texts);
	for (size_t i = 0; i < c->node_count * c->http.ask_count; i++)
		buf_init(&t->texts[i].bytes);
	for (size_t n = 0; n < c->node_count; n++)
		for (size_t a = 0; a < c->http.ask_count; a++)
			if (http_plan_meets(&t->plan, n, a))
				write_text(t, n, a);
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
