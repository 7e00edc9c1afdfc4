/* Redis: one command per slot, to the node that the topology says. One command at
 * a time on a connection, so that cancelling one affects no other. */
#include "net/transport.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/mix.h"
#include "net/pattern.h"
#include "net/pool.h"
#include "net/redis/redis_conn.h"
#include "net/redis/redis_topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REDIRECTS_MAX = 5 };

struct op {
	bool reads, varies; /* varies: its words have placeholders */
	size_t key;	    /* which word; 0: none */
	int key_slot;	    /* of a cluster; -1: no key, or one with placeholders */
	enum redis_answer answer;
	struct redis_command command; /* unless it varies */
};

struct transport {
	const struct transport_config *config;
	struct redis_topology *topology;
	struct redis_command *handshakes; /* one a node; of a topology one */
	size_t handshake_count;
	struct pool pool;
	struct mix mix;
	struct op *ops; /* one for each command of the config */
	struct buf key;
};

/* is_lost: with its connection. */
static void failed(struct pool_conn *l, bool is_lost)
{
	struct transport *t = l->pool->owner;
	bool write = l->request && !t->ops[l->request->op].reads;
	t->topology->ops->failed(t->topology, l->node, write, is_lost);
}

static void start(struct transport *t, struct request *r, bool asking);

/* Whether the node that refused the command has named another, which gets it in its place. */
static bool sent_on(struct pool_conn *l, struct request *r)
{
	struct transport *t = l->pool->owner;
	const struct redis_topology_ops *ops = t->topology->ops;
	bool asking = r->error == ERROR_REDIS_ASK;
	if (!ops->moved || (!asking && r->error != ERROR_REDIS_MOVED))
		return false;
	size_t node = ops->moved(t->topology, l->node, r->detail);
	if (node == SIZE_MAX || r->redirects == REDIRECTS_MAX)
		return false;
	pool_give_back(l);
	r->redirects++;
	r->node = node;
	r->error = ERROR_NONE;
	r->detail[0] = '\0';
	start(t, r, asking);
	return true;
}

/* service_ms runs from the first sending, which was the slot's. */
static void note_sent(struct request *r, const struct pool_conn *l)
{
	if (!r->sent_ns)
		r->sent_ns = redis_conn_sent_ns(l->conn);
}

static void answered(void *arg, const struct redisReply *reply, int64_t bytes)
{
	struct pool_conn *l = arg;
	struct request *r = l->request;
	note_sent(r, l);
	r->bytes = bytes;
	r->replicas = redis_conn_replicas(l->conn);
	r->error = redis_reply_class(reply, l->pool->owner->ops[r->op].answer, r->detail);
	r->status = r->error == ERROR_NONE ? 200 : 0;
	if (sent_on(l, r))
		return;
	if (r->error == ERROR_REDIS_READONLY || r->error == ERROR_REDIS_CLUSTERDOWN)
		failed(l, false);
	pool_done(l, r->error != ERROR_PROTOCOL);
}

static void lost(void *arg, enum error_class error, const char *detail)
{
	struct pool_conn *l = arg;
	struct request *r = l->request;
	if (error != ERROR_LOCAL)
		failed(l, true);
	if (!r) {
		pool_drop(l);
		return;
	}
	note_sent(r, l);
	request_fail(r, error, detail);
	pool_done(l, false);
}

static const struct redis_conn_events events = {.reply = answered, .lost = lost};

static void *conn_new(struct pool_conn *l)
{
	struct pool *p = l->pool;
	return redis_conn_new(&p->dialer, &p->config->nodes[l->node].addrs,
			      redis_handshake_of(p->config, p->owner->handshakes, l->node), &events, l);
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
	redis_command_add(out, 4, (const char *[]){"SETBIT", key, bit, "1"});
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
	redis_command_add(out, (int)count, words);
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

static void start(struct transport *t, struct request *r, bool asking)
{
	struct pool_conn *l = pool_take(&t->pool, r);
	const struct op *op = &t->ops[r->op];
	if (!l)
		return;
	struct redis_command *own = redis_conn_own(l->conn);
	if (op->varies || asking) {
		redis_command_release(own);
		if (asking)
			redis_command_add(own, 1, (const char *[]){"ASKING"});
		own->before = own->count;
		write_command(t->config, r->op, r->slot, own);
	}
	redis_conn_send(l->conn, op->varies || asking ? own : &op->command);
}

static void redis_submit(struct transport *t, struct request *r)
{
	const struct redis_topology_ops *ops = t->topology->ops;
	const char *why;
	if (!ops->why || t->config->nodes[r->node].addrs.count) {
		start(t, r, false);
		return;
	}
	enum error_class error = ops->why(t->topology, &why);
	request_fail(r, error, why);
	t->config->done(t->config->arg, r);
}

/* The answer may still arrive, so the connection cannot be reused. */
static void redis_cancel(struct transport *t, struct request *r)
{
	struct pool_conn *l = r->state;
	bool connected = redis_conn_connected(l->conn);
	note_sent(r, l);
	if (!connected || t->topology->ops->moved)
		failed(l, !connected);
	pool_drop(l);
}

static int key_slot(struct transport *t, const struct op *op, const struct request *r)
{
	const struct redis_template *m = &t->config->commands[r->op];
	if (!m->mark && (!op->key || op->key_slot >= 0))
		return op->key_slot;
	buf_reset(&t->key);
	if (m->mark) { /* its key has the piece in braces */
		buf_addf(&t->key, "%llu", (unsigned long long)(r->slot / REDIS_MARK_PIECE));
		return redis_key_slot(t->key.data, t->key.len);
	}
	pattern_write(m->words[op->key], strlen(m->words[op->key]), r->slot, t->config->seed, &t->key);
	return redis_key_slot(t->key.data, t->key.len);
}

static void redis_route(struct transport *t, struct request *r)
{
	struct redis_aim aim;
	r->op = (int)mix_pick(&t->mix, r->slot, &aim.n);
	const struct op *op = &t->ops[r->op];
	aim.reads = op->reads;
	aim.key_slot = t->topology->ops->moved ? key_slot(t, op, r) : -1;
	r->node = t->topology->ops->pick(t->topology, &aim);
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
	for (size_t i = 0; i < t->handshake_count; i++)
		redis_command_release(&t->handshakes[i]);
	if (t->topology)
		t->topology->ops->close(t->topology);
	pool_release(&t->pool);
	for (size_t i = 0; i < t->config->command_count; i++)
		redis_command_release(&t->ops[i].command);
	free(t->mix.upto);
	buf_release(&t->key);
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
	op->key = m->mark ? 0 : redis_verb_key(m->words[0]);
	op->key = op->key < m->word_count ? op->key : 0;
	op->key_slot = -1;
	if (op->key && !pattern_any(m->words[op->key], strlen(m->words[op->key])))
		op->key_slot = redis_key_slot(m->words[op->key], strlen(m->words[op->key]));
	mix_weigh(&t->mix, i, m->weight);
	if (!op->varies)
		write_command(t->config, (int)i, 0, &op->command);
}

static const struct redis_topology_ops *topology_for(const struct transport_config *c)
{
	static const struct redis_topology_ops *const all[] = {&redis_list_topology, &redis_sentinel_topology,
							       &redis_cluster_topology};
	for (size_t i = 0; i < ARRAY_LEN(all) && c->topology; i++)
		if (strcmp(all[i]->scheme, c->topology->scheme) == 0)
			return all[i];
	return all[0];
}

static int write_handshakes(struct transport *t, const struct redis_topology_ops *topology, struct err *e)
{
	const struct transport_config *c = t->config;
	t->handshake_count = c->topology ? 1 : c->node_count;
	t->handshakes = mem_alloc(t->handshake_count * sizeof *t->handshakes);
	for (size_t i = 0; i < t->handshake_count; i++) {
		const struct url *u = c->topology ? c->topology : &c->nodes[i].url;
		if (redis_handshake_init(&t->handshakes[i], u, e))
			return -1;
		if (topology->hello)
			redis_command_add(&t->handshakes[i], 1, (const char *[]){topology->hello});
	}
	return 0;
}

static struct transport *redis_open(const struct transport_config *c, struct err *e)
{
	struct transport *t = mem_alloc(sizeof *t);
	const struct redis_topology_ops *topology = topology_for(c);
	t->config = c;
	t->key = (struct buf)BUF_INIT;
	t->pool = (struct pool){.conn_new = conn_new, .conn_free = conn_free};
	int rc = pool_init(&t->pool, c, t, e);
	t->ops = mem_alloc(c->command_count * sizeof *t->ops);
	t->mix = (struct mix){.count = c->command_count, .seed = c->seed};
	for (size_t i = 0; i < c->command_count; i++)
		add_op(t, i);
	if (!rc && !write_handshakes(t, topology, e))
		t->topology = topology->open(&t->pool.dialer, c, t->handshakes, e);
	if (!t->topology) {
		redis_close(t);
		return NULL;
	}
	return t;
}

const struct transport_ops redis_transport = {
	.name = "redis",
	.schemes = "redis redis+sentinel redis+cluster",
	.open = redis_open,
	.route = redis_route,
	.op_name = redis_op_name,
	.submit = redis_submit,
	.cancel = redis_cancel,
	.close = redis_close,
};
