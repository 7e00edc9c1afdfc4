/* Redis: one command per slot, INCR and GET of a counter alternating. Writes go to the masters,
 * reads to all nodes round robin. One command at a time on a connection, so that cancelling one
 * affects no other. */
#include "net/transport.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/pool.h"
#include "net/redis/redis_conn.h"
#include "net/redis/redis_roles.h"

#include <stdlib.h>

enum op { OP_INCR, OP_GET, OP_COUNT };
static const char *const op_names[OP_COUNT] = {"INCR", "GET"};
static const enum redis_answer op_answers[OP_COUNT] = {REDIS_ANSWER_NUMBER, REDIS_ANSWER_TEXT};

struct transport {
	const struct transport_config *config;
	struct redis_roles *roles;
	struct redis_command *handshakes; /* one a node */
	struct pool pool;
	struct redis_command commands[OP_COUNT];
};

/* is_lost: with its connection. */
static void write_failed(struct pool_conn *l, bool is_lost)
{
	struct redis_roles *roles = l->pool->owner->roles;
	if (l->request && l->request->op == OP_INCR)
		redis_roles_next_writer(roles, l->node);
	redis_roles_doubt(roles, l->node, is_lost);
}

static void answered(void *arg, const struct redisReply *reply, int64_t bytes)
{
	struct pool_conn *l = arg;
	struct request *r = l->request;
	r->sent_ns = redis_conn_sent_ns(l->conn);
	r->bytes = bytes;
	r->error = redis_reply_class(reply, op_answers[r->op], r->detail);
	r->status = r->error == ERROR_NONE ? 200 : 0;
	if (r->error == ERROR_REDIS_READONLY)
		write_failed(l, false);
	pool_done(l, r->error != ERROR_PROTOCOL);
}

static void lost(void *arg, enum sample_error error, const char *detail)
{
	struct pool_conn *l = arg;
	struct request *r = l->request;
	if (error != ERROR_LOCAL)
		write_failed(l, true);
	if (!r) {
		pool_drop(l);
		return;
	}
	r->sent_ns = redis_conn_sent_ns(l->conn);
	request_fail(r, error, detail);
	pool_done(l, false);
}

static const struct redis_conn_events events = {.reply = answered, .lost = lost};

static void *conn_new(struct pool_conn *l)
{
	struct pool *p = l->pool;
	return redis_conn_new(&p->dialer, &p->config->nodes[l->node].addrs,
			      &p->owner->handshakes[l->node], &events, l);
}

static void conn_free(void *conn)
{
	redis_conn_free(conn);
}

static void redis_submit(struct transport *t, struct request *r)
{
	struct pool_conn *l = pool_take(&t->pool, r);
	if (l)
		redis_conn_send(l->conn, &t->commands[r->op]);
}

/* The answer may still arrive, so the connection cannot be reused. */
static void redis_cancel(struct transport *t, struct request *r)
{
	(void)t;
	struct pool_conn *l = r->state;
	r->sent_ns = redis_conn_sent_ns(l->conn);
	if (!redis_conn_connected(l->conn))
		write_failed(l, true);
	pool_drop(l);
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
	for (size_t i = 0; i < t->config->node_count; i++)
		redis_command_release(&t->handshakes[i]);
	redis_roles_free(t->roles);
	pool_release(&t->pool);
	for (int i = 0; i < OP_COUNT; i++)
		redis_command_release(&t->commands[i]);
	free(t->handshakes);
	free(t);
}

static struct transport *redis_open(const struct transport_config *c, struct err *e)
{
	struct transport *t = mem_alloc(sizeof *t);
	t->config = c;
	t->pool = (struct pool){.conn_new = conn_new, .conn_free = conn_free};
	int rc = pool_init(&t->pool, c, t, e);
	t->handshakes = mem_alloc(c->node_count * sizeof *t->handshakes);
	for (int i = 0; i < OP_COUNT; i++)
		redis_command_init(&t->commands[i], op_names[i], c->key);
	for (size_t i = 0; i < c->node_count && !rc; i++)
		rc = redis_handshake_init(&t->handshakes[i], &c->nodes[i].url, e);
	if (!rc)
		t->roles = redis_roles_new(&t->pool.dialer, c, t->handshakes, e);
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
