#include "net/http1_transport.h"

#include "base/buf.h"
#include "net/http1_conn.h"
#include "net/http_request.h"
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

struct node {
	struct http_request request;
	struct buf text;
	struct http1_message message;
	struct idle_list idle;
};

struct transport {
	const struct transport_config *config;
	struct node *nodes;
	struct net_dialer dialer;
};

static void set_idle(struct line *l)
{
	l->request = NULL;
	idle_add(&l->owner->nodes[l->node].idle, &l->idle);
}

static struct line *take_idle(struct node *n)
{
	struct idle_link *l = n->idle.first;
	if (l)
		idle_remove(&n->idle, l);
	return (struct line *)(void *)l;
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
	r->error = http_status_class(status);
	if (keep && !t->config->fresh)
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
		idle_remove(&t->nodes[l->node].idle, &l->idle);
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
	struct line *l = take_idle(&t->nodes[r->node]);
	if (!l) {
		l = mem_alloc(sizeof *l);
		l->owner = t;
		l->node = r->node;
		l->conn = http1_conn_new(&t->dialer, &node->addrs, &events, l);
	}
	l->request = r;
	r->state = l;
	http1_conn_send(l->conn, &t->nodes[r->node].message);
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
	r->node = r->slot % t->config->node_count;
	r->op = 0;
}

static const char *http1_op_name(const struct transport *t, size_t node, int op)
{
	(void)op;
	return t->nodes[node].request.op;
}

static void http1_close(struct transport *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->config->node_count; i++) {
		struct node *n = &t->nodes[i];
		for (struct line *l; (l = take_idle(n));)
			end_line(l);
		http_request_release(&n->request);
		buf_release(&n->text);
	}
	net_dialer_release(&t->dialer);
	free(t->nodes);
	free(t);
}

static struct transport *http1_open(const struct transport_config *c, struct err *e)
{
	struct transport *t = mem_alloc(sizeof *t);
	(void)e;
	t->config = c;
	net_dialer_init(&t->dialer, c->loop);
	t->nodes = mem_alloc(c->node_count * sizeof *t->nodes);
	for (size_t i = 0; i < c->node_count; i++) {
		struct node *n = &t->nodes[i];
		http_request_init(&n->request, c, &c->nodes[i].url);
		buf_init(&n->text);
		http_request_text(&n->request, c, &c->nodes[i].url, &n->text);
		n->message = (struct http1_message){.text = n->text.data,
						    .len = n->text.len,
						    .head = strcmp(n->request.method, "HEAD") == 0};
	}
	c->ready(c->ready_arg);
	return t;
}

const struct transport_ops http1_transport = {
	.schemes = "http",
	.open = http1_open,
	.route = http1_route,
	.op_name = http1_op_name,
	.submit = http1_submit,
	.cancel = http1_cancel,
	.close = http1_close,
};
