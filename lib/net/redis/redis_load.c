/* Redis: one command per slot, to the node that the topology says. One at a time on a connection, which goes out at
 * once; or several, in which case those of one turn of the loop go out together. */
#include "net/transport.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "net/pool.h"
#include "net/redis/redis_conn.h"
#include "net/redis/redis_ops.h"
#include "net/redis/redis_topology.h"

#include <stdlib.h>
#include <string.h>

enum {
	REDIRECTS_MAX = 5,
	AGAIN_MS = 10, /* after a first TRYAGAIN; twice as long after each further one */
	ACCEPT_MS = 100, /* of a server that is there; a packet that was lost is sent again after a second */
};

struct transport {
	const struct transport_config *config;
	struct redis_topology *topology;
	struct redis_command *handshakes; /* one a node; of a topology one */
	size_t handshake_count;
	struct pool pool;
	struct redis_ops ops;
	struct retry *retries;
	size_t retry_count, retry_alloc;
	struct loop_timer *again;
	struct loop_soon *flush;
	struct conn *dirty; /* those that have something to send */
};

/* A command that the cluster has put off. */
struct retry {
	struct request *request;
	int64_t at_ns;
};

struct conn {
	struct redis_conn *redis;
	struct conn *next, *previous; /* of the dirty ones */
	bool dirty;
	int64_t since_ns; /* of TLS: when it was made */
	struct transport *owner;
};

static struct redis_conn *redis_of(const struct pool_conn *l)
{
	return ((const struct conn *)l->conn)->redis;
}

/* Tells the topology of a failed request; is_lost: its connection is gone with it. */
static void failed(struct pool_conn *l, const struct request *r, bool is_lost)
{
	struct transport *t = l->pool->owner;
	bool write = r && !t->ops.all[r->op].reads;
	t->topology->ops->failed(t->topology, l->node, write, is_lost);
}

/* A request is the connection's no longer, which waits for the next one. */
static void leave(struct pool_conn *l)
{
	pool_give_back(l);
	if (l->retired && !l->live)
		pool_drop(l);
}

static void start(struct transport *t, struct request *r, bool asking);
static void redis_route(struct transport *t, struct request *r);

static void arm(struct transport *t)
{
	int64_t next = INT64_MAX;
	for (size_t i = 0; i < t->retry_count; i++)
		next = t->retries[i].at_ns < next ? t->retries[i].at_ns : next;
	if (t->retry_count)
		loop_timer_at(t->again, next);
}

static void retry(void *arg)
{
	struct transport *t = arg;
	for (size_t i = 0; i < t->retry_count;) {
		struct request *r = t->retries[i].request;
		if (t->retries[i].at_ns > mono_ns()) {
			i++;
			continue;
		}
		t->retries[i] = t->retries[--t->retry_count];
		redis_route(t, r); /* perhaps it has moved */
		start(t, r, false);
	}
	arm(t);
}

/* Some of the command's keys have gone to another node already: nothing was done, and it is asked for again. */
static void put_off(struct transport *t, struct request *r)
{
	t->retries = mem_grow(t->retries, &t->retry_alloc, t->retry_count, sizeof *t->retries);
	t->retries[t->retry_count++] = (struct retry){r, mono_ns() + (ms_to_ns(AGAIN_MS) << r->put_off++)};
	r->state = NULL;
	arm(t);
}

/* Whether the node that refused the command has named another, which gets it in its place, or has put it off. */
static bool sent_on(struct pool_conn *l, struct request *r)
{
	struct transport *t = l->pool->owner;
	const struct redis_topology_ops *ops = t->topology->ops;
	bool asking = r->error == ERROR_REDIS_ASK, again = r->error == ERROR_REDIS_TRYAGAIN;
	if (!ops->moved || (!asking && !again && r->error != ERROR_REDIS_MOVED))
		return false;
	size_t node = again ? r->node : ops->moved(t->topology, l->node, r->detail);
	if (node == SIZE_MAX || (again ? r->put_off : r->redirects) == REDIRECTS_MAX)
		return false;
	leave(l);
	if (again)
		put_off(t, r);
	else
		r->redirects++;
	r->node = (uint32_t)node;
	r->error = ERROR_NONE;
	r->detail[0] = '\0';
	if (!again)
		start(t, r, asking);
	return true;
}

static void answered(void *arg, const struct redisReply *reply, const struct redis_arrival *how)
{
	struct pool_conn *l = arg;
	const struct transport_config *c = l->pool->config;
	struct request *r = how->of;
	const char *detail;
	r->bytes = how->bytes;
	r->replicas = how->replicas;
	r->error = redis_reply_class(reply, l->pool->owner->ops.all[r->op].answer, &detail);
	if (r->error != ERROR_NONE)
		request_fail(r, r->error, detail);
	r->status = r->error == ERROR_NONE ? 200 : 0;
	if (sent_on(l, r))
		return;
	r->ended_ns = how->at_ns;
	if (r->error == ERROR_REDIS_READONLY || r->error == ERROR_REDIS_CLUSTERDOWN)
		failed(l, r, false);
	if (r->error == ERROR_PROTOCOL && l->live > 1) /* what the others get may be as wrong */
		pool_retire(l);
	if (r->error == ERROR_PROTOCOL && l->live == 1)
		pool_drop(l);
	else
		leave(l);
	c->done(c->arg, r);
}

static void lost(void *arg, enum error_class error, const char *detail)
{
	struct pool_conn *l = arg;
	const struct transport_config *c = l->pool->config;
	struct request *r = redis_pipe_next_lost(redis_conn_pipe(redis_of(l)));
	if (error != ERROR_LOCAL)
		failed(l, r, true);
	pool_retire(l);
	for (; r; r = redis_pipe_next_lost(redis_conn_pipe(redis_of(l)))) {
		request_fail(r, error, detail);
		c->done(c->arg, r);
	}
	pool_drop(l);
}

static void opened(void *arg)
{
	struct pool_conn *l = arg;
	if (l->opening)
		pool_opened(l);
}

static const struct redis_conn_events events = {.reply = answered, .open = opened, .lost = lost};

/* A handshake of TLS takes a millisecond of each side. */
static bool gradual(const struct transport_config *c)
{
	return url_is_tls(c->topology ? c->topology : &c->nodes[0].url);
}

static void *conn_new(struct pool_conn *l)
{
	struct pool *p = l->pool;
	struct conn *c = mem_alloc(sizeof *c);
	const struct redis_server at = redis_server_of(p->config, &p->config->nodes[l->node]);
	c->owner = p->owner;
	l->opening = gradual(p->config);
	c->since_ns = l->opening ? mono_ns() : 0;
	c->redis = redis_conn_new(&p->dialer, &at, redis_handshake_of(p->config, p->owner->handshakes, l->node),
				  &events, l, p->depth);
	return c;
}

static void set_clean(struct conn *c)
{
	if (!c->dirty)
		return;
	if (c->next)
		c->next->previous = c->previous;
	if (c->previous)
		c->previous->next = c->next;
	else
		c->owner->dirty = c->next;
	c->dirty = false;
}

/* It has something to send, with what else comes in this turn of the loop. */
static void set_dirty(struct transport *t, struct conn *c)
{
	if (c->dirty)
		return;
	c->dirty = true;
	c->previous = NULL;
	c->next = t->dirty;
	if (c->next)
		c->next->previous = c;
	t->dirty = c;
	loop_soon(t->flush);
}

static void flush(void *arg)
{
	struct transport *t = arg;
	for (struct conn *c; (c = t->dirty);) {
		set_clean(c);
		redis_conn_flush(c->redis);
	}
}

static void conn_free(void *conn)
{
	struct conn *c = conn;
	set_clean(c);
	redis_conn_free(c->redis);
	free(c);
}

static void start(struct transport *t, struct request *r, bool asking)
{
	struct pool_conn *l = pool_take(&t->pool, r);
	if (!l)
		return;
	struct redis_conn *c = redis_of(l);
	struct redis_pipe *p = redis_conn_pipe(c);
	redis_pipe_add(p, redis_ops_command(&t->ops, r, asking, redis_pipe_own(p)), r, &r->sent_ns);
	if (t->pool.depth == 1)
		redis_conn_flush(c);
	else
		set_dirty(t, l->conn);
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

static void forget(struct transport *t, const struct request *r)
{
	size_t i = 0;
	while (t->retries[i].request != r)
		i++;
	t->retries[i] = t->retries[--t->retry_count];
}

/* What its handshake has cost is not thrown away: where the server is slow, none would ever come to its end. */
static bool is_half_open(const struct transport *t, const struct pool_conn *l)
{
	if (!l->opening)
		return false;
	int64_t age = mono_ns() - ((const struct conn *)l->conn)->since_ns;
	return age < (redis_conn_securing(redis_of(l)) ? 2 * t->config->timeout_ns : ms_to_ns(ACCEPT_MS));
}

/* The answer may still arrive: it is dropped, if others are waited for, but the connection gets no more. */
static void redis_cancel(struct transport *t, struct request *r)
{
	struct pool_conn *l = r->state;
	if (!l) {
		forget(t, r);
		return;
	}
	bool connected = redis_conn_connected(redis_of(l));
	if (!connected || t->topology->ops->moved)
		failed(l, r, !connected);
	redis_pipe_give_up(redis_conn_pipe(redis_of(l)), r);
	if (!is_half_open(t, l))
		pool_retire(l);
	leave(l);
}

static void redis_route(struct transport *t, struct request *r)
{
	struct redis_aim aim;
	redis_ops_route(&t->ops, r, t->topology->ops->moved, &aim);
	r->node = (uint32_t)t->topology->ops->pick(t->topology, &aim);
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
	redis_ops_release(&t->ops);
	loop_soon_free(t->flush);
	loop_timer_free(t->again);
	free(t->retries);
	free(t->handshakes);
	free(t);
}

static const struct redis_topology_ops *topology_for(const struct transport_config *c)
{
	static const struct redis_topology_ops *const all[] = {&redis_list_topology, &redis_sentinel_topology,
							       &redis_cluster_topology};
	for (size_t i = 0; i < ARRAY_LEN(all) && c->topology; i++)
		if (strcmp(all[i]->scheme, strchr(c->topology->scheme, '+')) == 0)
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
	t->pool = (struct pool){.conn_new = conn_new, .conn_free = conn_free};
	int rc = pool_init(&t->pool, c, t, e) || redis_wire_check(c, e) ? -1 : 0;
	t->flush = loop_soon_new(c->loop, flush, t);
	t->again = rc ? NULL : loop_timer_new(c->loop, retry, t, e);
	redis_ops_init(&t->ops, c);
	if (t->again && !write_handshakes(t, topology, e))
		t->topology = topology->open(&t->pool.dialer, c, t->handshakes, e);
	if (!t->topology) {
		redis_close(t);
		return NULL;
	}
	return t;
}

const struct transport_ops redis_transport = {
	.name = "redis",
	.schemes = "redis rediss unix redis+sentinel rediss+sentinel redis+cluster rediss+cluster",
	.open = redis_open,
	.gradual = gradual,
	.route = redis_route,
	.op_name = redis_op_name,
	.submit = redis_submit,
	.cancel = redis_cancel,
	.close = redis_close,
};
