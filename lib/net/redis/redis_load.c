/* Redis: one command per slot. Writes go to the masters, reads to all nodes in turn. One command at
 * a time on a connection, so that cancelling one affects no other. */
#include "net/transport.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/mix.h"
#include "net/pattern.h"
#include "net/pool.h"
#include "net/redis/redis_conn.h"
#include "net/redis/redis_roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct op {
	bool reads, varies; /* varies: its words have placeholders */
	enum redis_answer answer;
	struct redis_command command; /* unless it varies */
};

struct transport {
	const struct transport_config *config;
	struct redis_roles *roles;
	struct redis_command *handshakes; /* one a node */
	struct pool pool;
	struct mix mix;
	struct op *ops; /* one for each command of the config */
};

/* is_lost: with its connection. */
static void write_failed(struct pool_conn *l, bool is_lost)
{
	struct redis_roles *roles = l->pool->owner->roles;
	if (l->request && !l->pool->owner->ops[l->request->op].reads)
		redis_roles_next_writer(roles, l->node);
	redis_roles_doubt(roles, l->node, is_lost);
}

static void answered(void *arg, const struct redisReply *reply, int64_t bytes)
{
	struct pool_conn *l = arg;
	struct request *r = l->request;
	r->sent_ns = redis_conn_sent_ns(l->conn);
	r->bytes = bytes;
	r->replicas = redis_conn_replicas(l->conn);
	r->error = redis_reply_class(reply, l->pool->owner->ops[r->op].answer, r->detail);
	r->status = r->error == ERROR_NONE ? 200 : 0;
	if (r->error == ERROR_REDIS_READONLY)
		write_failed(l, false);
	pool_done(l, r->error != ERROR_PROTOCOL);
}

static void lost(void *arg, enum error_class error, const char *detail)
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

/* Sets the slot's own bit: pieces of 32 KiB, so that no large string is ever reallocated. */
static void write_mark(const char *prefix, uint64_t slot, struct redis_command *out)
{
	char bit[24], *key = redis_mark_key(prefix, slot / REDIS_MARK_PIECE);
	snprintf(bit, sizeof bit, "%u", (unsigned)(slot % REDIS_MARK_PIECE));
	redis_command_init(out, 4, (const char *[]){"SETBIT", key, bit, "1"});
	free(key);
}

static void write_words(const struct transport_config *c, int op, uint64_t slot,
			  struct redis_command *out)
{
	const struct redis_template *t = &c->commands[op];
	size_t count = t->word_count + (t->value_bytes > 0);
	const char **words = mem_alloc(count * sizeof *words);
	struct buf text = BUF_INIT;
	for (size_t i = 0; i < t->word_count; i++) {
		pattern_write(t->words[i], strlen(t->words[i]), slot, c->seed, &text);
		words[i] = buf_detach(&text);
	}
	for (size_t i = 0; i < t->value_bytes; i++)
		buf_addch(&text, 'v');
	if (t->value_bytes)
		words[t->word_count] = buf_detach(&text);
	redis_command_init(out, (int)count, words);
	for (size_t i = 0; i < count; i++)
		free((char *)(uintptr_t)words[i]);
	free(words);
}

/* The command as a slot has it. */
static void write_command(const struct transport_config *c, int op, uint64_t slot, struct redis_command *out)
{
	char n[16], ms[16];
	const struct redis_template *t = &c->commands[op];
	if (t->mark)
		write_mark(c->mark_prefix, slot, out);
	else
		write_words(c, op, slot, out);
	if (!c->wait_replicas || (!t->mark && redis_verb_reads(t->words[0])))
		return;
	snprintf(n, sizeof n, "%d", c->wait_replicas);
	snprintf(ms, sizeof ms, "%d", c->wait_ms);
	redis_command_add(out, 3, (const char *[]){"WAIT", n, ms});
}

static void redis_submit(struct transport *t, struct request *r)
{
	struct pool_conn *l = pool_take(&t->pool, r);
	const struct op *op = &t->ops[r->op];
	if (!l)
		return;
	if (op->varies) {
		redis_command_release(redis_conn_own(l->conn));
		write_command(t->config, r->op, r->slot, redis_conn_own(l->conn));
	}
	redis_conn_send(l->conn, op->varies ? redis_conn_own(l->conn) : &op->command);
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
	uint64_t n;
	r->op = (int)mix_pick(&t->mix, r->slot, &n);
	r->node = t->ops[r->op].reads ? n % t->config->node_count
				      : redis_roles_writer(t->roles, n);
}

static const char *redis_op_name(const struct transport *t, size_t node, int op)
{
	(void)node;
	return t->config->commands[op].op;
}

static void redis_close(struct transport *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->config->node_count; i++)
		redis_command_release(&t->handshakes[i]);
	redis_roles_free(t->roles);
	pool_release(&t->pool);
	for (size_t i = 0; i < t->config->command_count; i++)
		redis_command_release(&t->ops[i].command);
	free(t->mix.upto);
	free(t->ops);
	free(t->handshakes);
	free(t);
}

static void add_op(struct transport *t, size_t i)
{
	const struct redis_template *m = &t->config->commands[i];
	struct op *op = &t->ops[i];
	op->reads = !m->mark && redis_verb_reads(m->words[0]);
	op->answer = m->mark ? REDIS_ANSWER_MARK : redis_verb_answer(m->words[0]);
	op->varies = m->mark;
	for (size_t w = 0; w < m->word_count; w++)
		op->varies |= pattern_any(m->words[w], strlen(m->words[w]));
	mix_weigh(&t->mix, i, m->weight);
	if (!op->varies)
		write_command(t->config, (int)i, 0, &op->command);
}

static struct transport *redis_open(const struct transport_config *c, struct err *e)
{
	struct transport *t = mem_alloc(sizeof *t);
	t->config = c;
	t->pool = (struct pool){.conn_new = conn_new, .conn_free = conn_free};
	int rc = pool_init(&t->pool, c, t, e);
	t->handshakes = mem_alloc(c->node_count * sizeof *t->handshakes);
	t->ops = mem_alloc(c->command_count * sizeof *t->ops);
	t->mix = (struct mix){.count = c->command_count, .seed = c->seed};
	for (size_t i = 0; i < c->command_count; i++)
		add_op(t, i);
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
