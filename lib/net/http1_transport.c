#include "net/http1_transport.h"

#include "base/buf.h"
#include "net/http1_conn.h"
#include "net/http_request.h"

#include <stdlib.h>
#include <string.h>

/* One connection of a node's pool. */
struct line {
	struct transport *owner;
	struct http1_conn *conn;
	struct request *request; /* NULL: idle */
	size_t node;
	struct line *next, *previous; /* in the node's list of idle ones */
};

struct node {
	struct http_request request;
	struct buf text;
	struct http1_message message;
	struct line *idle; /* last used first */
};

struct transport {
	const struct transport_config *config;
	struct node *nodes;
	struct http1_spare spare;
};

static void set_idle(struct line *l)
{
	struct line **list = &l->owner->nodes[l->node].idle;
	l->request = NULL;
	l->previous = NULL;
	l->next = *list;
	if (l->next)
		l->next->previous = l;
	*list = l;
}

static void take_idle(struct line *l)
{
	if (l->next)
		l->next->previous = l->previous;
	if (l->previous)
		l->previous->next = l->next;
	else
		l->owner->nodes[l->node].idle = l->next;
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
		take_idle(l);
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
	struct line *l = t->nodes[r->node].idle;
	if (!node->addrs.count) {
		r->error = ERROR_DNS;
		request_explain(r, "the name of the host could not be looked up");
		t->config->done(t->config->arg, r);
		return;
	}
	if (l) {
		take_idle(l);
	} else {
		l = mem_alloc(sizeof *l);
		l->owner = t;
		l->node = r->node;
		l->conn = http1_conn_new(t->config->loop, &node->addrs, &t->spare, &events, l);
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
		while (n->idle) {
			struct line *l = n->idle;
			take_idle(l);
			end_line(l);
		}
		http_request_release(&n->request);
		buf_release(&n->text);
	}
	http1_spare_release(&t->spare);
	free(t->nodes);
	free(t);
}

static struct transport *http1_open(const struct transport_config *c, struct err *e)
{
	struct transport *t = mem_alloc(sizeof *t);
	(void)e;
	t->config = c;
	http1_spare_init(&t->spare);
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
