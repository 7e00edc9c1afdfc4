#include "net/redis/redis_load.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/idle.h"
#include "net/redis/redis_conn.h"
#include "net/redis/redis_roles.h"

#include <stdlib.h>

enum op { OP_INCR, OP_GET, OP_COUNT };
static const char *const op_names[OP_COUNT] = {"INCR", "GET"};

/* One connection of a node's pool. */
struct line {
	struct idle_link idle; /* first: what the node's list holds */
	struct transport *owner;
	struct redis_conn *conn;
	struct request *request; /* NULL: idle */
	size_t node;
};

struct transport {
	const struct transport_config *config;
	struct redis_roles *roles;
	struct redis_command *hellos; /* one a node */
	struct idle_list *idle;	      /* one a node */
	struct net_dialer dialer;
	struct redis_command commands[OP_COUNT];
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
	redis_conn_free(l->conn);
	free(l);
}

static void answered(void *arg, const struct redisReply *reply, int64_t bytes)
{
	struct line *l = arg;
	struct transport *t = l->owner;
	struct request *r = l->request;
	r->sent_ns = redis_conn_sent_ns(l->conn);
	r->bytes = bytes;
	r->error = redis_reply_class(reply, r->detail);
	r->status = r->error == ERROR_NONE ? 200 : 0;
	if (r->error == ERROR_REDIS_READONLY)
		redis_roles_doubt(t->roles, r->node, false);
	set_idle(l);
	t->config->done(t->config->arg, r);
}

static void lost(void *arg, enum sample_error error, const char *detail)
{
	struct line *l = arg;
	struct transport *t = l->owner;
	struct request *r = l->request;
	redis_roles_doubt(t->roles, l->node, error != ERROR_LOCAL);
	if (!r) {
		idle_remove(&t->idle[l->node], &l->idle);
		end_line(l);
		return;
	}
	r->sent_ns = redis_conn_sent_ns(l->conn);
	r->error = error;
	request_explain(r, detail);
	end_line(l);
	t->config->done(t->config->arg, r);
}

static const struct redis_conn_events events = {.reply = answered, .lost = lost};

static void redis_submit(struct transport *t, struct request *r)
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
		l->conn = redis_conn_new(&t->dialer, &node->addrs, &t->hellos[r->node], &events, l);
	}
	l->request = r;
	r->state = l;
	redis_conn_send(l->conn, &t->commands[r->op]);
}

/* The answer may still come, so the connection is of no more use. */
static void redis_cancel(struct transport *t, struct request *r)
{
	struct line *l = r->state;
	r->sent_ns = redis_conn_sent_ns(l->conn);
	if (!redis_conn_connected(l->conn))
		redis_roles_doubt(t->roles, r->node, true);
	end_line(l);
}

static void redis_route(struct transport *t, struct request *r)
{
	uint64_t n = r->slot / OP_COUNT;
	r->op = (int)(r->slot % OP_COUNT);
	r->node = r->op == OP_INCR ? redis_roles_writer(t->roles, n) : n % t->config->node_count;
}

static const char *redis_op_name(const struct transport *t, size_t node, int op)
{
	(void)t;
	(void)node;
	return op_names[op];
}

static void redis_close(struct transport *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->config->node_count; i++) {
		for (struct line *l; (l = take_idle(t, i));)
			end_line(l);
		redis_command_release(&t->hellos[i]);
	}
	redis_roles_free(t->roles);
	net_dialer_release(&t->dialer);
	for (int i = 0; i < OP_COUNT; i++)
		redis_command_release(&t->commands[i]);
	free(t->hellos);
	free(t->idle);
	free(t);
}

static struct transport *redis_open(const struct transport_config *c, struct err *e)
{
	struct transport *t = mem_alloc(sizeof *t);
	t->config = c;
	net_dialer_init(&t->dialer, c->loop, c->connect_timeout_ns);
	t->idle = mem_alloc(c->node_count * sizeof *t->idle);
	t->hellos = mem_alloc(c->node_count * sizeof *t->hellos);
	for (int i = 0; i < OP_COUNT; i++)
		redis_command_init(&t->commands[i], op_names[i], c->key);
	int rc = 0;
	for (size_t i = 0; i < c->node_count && !rc; i++)
		rc = redis_hello_init(&t->hellos[i], &c->nodes[i].url, e);
	if (!rc)
		t->roles = redis_roles_new(&t->dialer, c->nodes, c->node_count, t->hellos, c->ready,
					   c->ready_arg, e);
	if (!t->roles) {
		redis_close(t);
		return NULL;
	}
	return t;
}

const struct transport_ops redis_transport = {
	.name = "redis",
	.schemes = "redis",
	.open = redis_open,
	.route = redis_route,
	.op_name = redis_op_name,
	.submit = redis_submit,
	.cancel = redis_cancel,
	.close = redis_close,
};
