/* The topology of a cluster: redis+cluster://a,b. A map says which node has which slots; nodes are asked for it in
 * turn, seldom while all is well, often after a failure. MOVED changes it at once. */
#include "net/redis/redis_conn.h"
#include "net/redis/redis_topology.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/units.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

enum {
	SLOTS = 16384,
	ASK_MS = 1000,
	ASK_IN_DOUBT_MS = 50,
	IN_DOUBT_MS = 2000, /* after a failure */
	SILENT_MS = 1000,
};

/* One line of the map: the nodes that have a range of slots, the primary first. */
struct shard {
	size_t at, count; /* in members */
};

struct map {
	uint16_t shard_of[SLOTS]; /* from 1 on; 0: nobody has it */
	struct shard *shards;	  /* owned; the first is unused */
	size_t shard_count, shard_alloc;
	size_t *members; /* owned */
	size_t member_count, member_alloc;
};

struct cluster {
	struct redis_topology topology; /* first */
	struct net_dialer *dialer;
	const struct transport_config *config;
	const struct redis_command *handshakes;
	struct redis_command slots;
	struct map map;
	uint16_t moved[SLOTS]; /* where MOVED has sent a slot since the map was read: node + 1, or 0 */
	struct redis_conn *conn; /* NULL: none open */
	size_t turn, node; /* node: that conn is to */
	bool waiting;
	int64_t asked_ns, not_before_ns, doubt_until_ns;
	int failures;
	struct loop_timer *timer;
	bool begun, noted;
};

/* --- the map -------------------------------------------------------------------- */

static void map_release(struct map *m)
{
	free(m->shards);
	free(m->members);
}

/* A node of the map: [host, port, …]. The host may be empty: that of the node which was asked. */
static size_t node_of(struct cluster *t, const struct redisReply *r)
{
	const struct transport_config *c = t->config;
	if (r->type != REDIS_REPLY_ARRAY || r->elements < 2 || r->element[1]->type != REDIS_REPLY_INTEGER)
		return SIZE_MAX;
	const char *host = r->element[0]->str;
	if (!host || !*host)
		host = c->nodes[t->node].url.host;
	return c->node_at(c->node_arg, host, (int)r->element[1]->integer);
}

/* One line: [first, last, primary, replica…]. */
static void add_shard(struct cluster *t, struct map *m, const struct redisReply *r)
{
	if (r->type != REDIS_REPLY_ARRAY || r->elements < 3)
		return;
	struct shard s = {.at = m->member_count};
	for (size_t i = 2; i < r->elements; i++) {
		size_t node = node_of(t, r->element[i]);
		if (node == SIZE_MAX && i == 2)
			return;
		if (node == SIZE_MAX)
			continue;
		m->members = mem_grow(m->members, &m->member_alloc, m->member_count, sizeof *m->members);
		m->members[m->member_count++] = node;
		s.count++;
	}
	m->shards = mem_grow(m->shards, &m->shard_alloc, m->shard_count, sizeof *m->shards);
	m->shards[m->shard_count] = s;
	for (long long i = r->element[0]->integer; i >= 0 && i < SLOTS && i <= r->element[1]->integer; i++)
		m->shard_of[i] = (uint16_t)m->shard_count;
	m->shard_count++;
}

static void take_map(struct cluster *t, const struct redisReply *r)
{
	struct map m = {.shard_count = 1};
	m.shards = mem_grow(NULL, &m.shard_alloc, 1, sizeof *m.shards);
	for (size_t i = 0; i < r->elements; i++)
		add_shard(t, &m, r->element[i]);
	map_release(&t->map);
	t->map = m;
	memset(t->moved, 0, sizeof t->moved);
}

/* --- asking for it -------------------------------------------------------------- */

static void begin(struct cluster *t)
{
	if (!t->begun)
		t->config->ready(t->config->ready_arg);
	t->begun = true;
}

static void note(struct cluster *t, const char *detail)
{
	if (t->noted)
		return;
	t->noted = true;
	char *text = mem_printf("the cluster does not tell its slots (%.*s): each is found by a command that is sent on",
				ERROR_DETAIL_MAX, detail);
	t->config->note(t->config->ready_arg, text);
	free(text);
}

static void hang_up(struct cluster *t)
{
	redis_conn_free(t->conn);
	t->conn = NULL;
	t->waiting = false;
}

static void answered(void *arg, const struct redisReply *reply, const struct redis_arrival *how)
{
	struct cluster *t = arg;
	const char *detail;
	(void)how;
	t->waiting = false;
	t->failures = 0;
	if (redis_reply_class(reply, REDIS_ANSWER_ANY, &detail))
		note(t, detail);
	else if (reply->type == REDIS_REPLY_ARRAY && reply->elements)
		take_map(t, reply);
	if (mono_ns() < t->doubt_until_ns) {
		hang_up(t); /* the next one may know more */
		t->turn++;
	}
	begin(t);
}

static void lost(void *arg, enum error_class error, const char *detail)
{
	struct cluster *t = arg;
	(void)error;
	(void)detail;
	hang_up(t);
	t->turn++;
	if (++t->failures % 4 == 0) /* all of a few: the next ones may wait */
		t->not_before_ns = redis_retry_ns(mono_ns(), t->failures / 4);
	if (t->failures >= (int)t->config->seed_count)
		begin(t);
}

static const struct redis_conn_events events = {.reply = answered, .lost = lost};

static void ask(struct cluster *t, int64_t now)
{
	const struct map *m = &t->map;
	if (!t->conn) {
		t->node = m->member_count ? m->members[t->turn % m->member_count]
					  : t->turn % t->config->seed_count;
		const struct transport_node *n = &t->config->nodes[t->node];
		const struct redis_server at = redis_server_of(t->config, n);
		if (!n->addrs.count) {
			t->turn++;
			return;
		}
		t->conn = redis_conn_new(t->dialer, &at, &t->handshakes[0], &events, t, 1);
		redis_conn_allow_long(t->conn);
	}
	t->waiting = true;
	t->asked_ns = now;
	redis_conn_send(t->conn, &t->slots);
}

static void tick(void *arg)
{
	struct cluster *t = arg;
	int64_t now = mono_ns();
	int every_ms = now < t->doubt_until_ns || !t->map.member_count ? ASK_IN_DOUBT_MS : ASK_MS;
	if (t->waiting && now - t->asked_ns > ms_to_ns(every_ms < SILENT_MS ? SILENT_MS / 4 : SILENT_MS))
		lost(t, ERROR_TIMEOUT, "");
	if (!t->waiting && now >= t->not_before_ns && now - t->asked_ns >= ms_to_ns(every_ms))
		ask(t, now);
	loop_timer_at(t->timer, mono_ns() + ms_to_ns(ASK_IN_DOUBT_MS));
}

/* --- the topology --------------------------------------------------------------- */

static struct cluster *self(struct redis_topology *t)
{
	return (struct cluster *)(void *)t;
}

static void cluster_close(struct redis_topology *topology)
{
	struct cluster *t = self(topology);
	hang_up(t);
	loop_timer_free(t->timer);
	redis_command_release(&t->slots);
	map_release(&t->map);
	free(t);
}

static struct redis_topology *cluster_open(struct net_dialer *d, const struct transport_config *c,
					   const struct redis_command *handshakes, struct err *e)
{
	struct cluster *t = mem_alloc(sizeof *t);
	*t = (struct cluster){
		.topology = {&redis_cluster_topology}, .dialer = d, .config = c, .handshakes = handshakes};
	t->timer = loop_timer_new(d->loop, tick, t, e);
	if (!t->timer) {
		free(t);
		return NULL;
	}
	redis_command_init(&t->slots, 2, (const char *[]){"CLUSTER", "SLOTS"});
	loop_timer_at(t->timer, 0);
	return &t->topology;
}

static size_t cluster_pick(struct redis_topology *topology, const struct redis_aim *aim)
{
	const struct cluster *t = self(topology);
	const struct map *m = &t->map;
	if (m->shard_count < 2 && (aim->key_slot < 0 || !t->moved[aim->key_slot]))
		return aim->n % t->config->seed_count;
	if (aim->key_slot < 0)
		return m->members[m->shards[1 + aim->n % (m->shard_count - 1)].at];
	if (t->moved[aim->key_slot])
		return t->moved[aim->key_slot] - 1U;
	/* A slot that nobody has: any node says so. */
	size_t shard = m->shard_of[aim->key_slot];
	const struct shard *s = &m->shards[shard ? shard : 1];
	return m->members[s->at + (aim->reads ? aim->n % s->count : 0)];
}

static void cluster_failed(struct redis_topology *topology, size_t node, bool write, bool is_lost)
{
	struct cluster *t = self(topology);
	(void)write;
	t->doubt_until_ns = mono_ns() + ms_to_ns(IN_DOUBT_MS);
	if (is_lost && t->conn && t->node == node) {
		hang_up(t);
		t->turn++;
	}
}

/* "MOVED 3999 127.0.0.1:6381" */
static size_t cluster_moved(struct redis_topology *topology, size_t node, const char *answer)
{
	struct cluster *t = self(topology);
	const struct transport_config *c = t->config;
	const char *slot = strchr(answer, ' '), *host = slot ? strchr(slot + 1, ' ') : NULL;
	const char *colon = host ? strrchr(host, ':') : NULL;
	char number[8] = "", name[256] = "";
	int64_t port, n;
	if (!colon || num_i64(colon + 1, 1, 65535, &port) || host - slot > (long)sizeof number ||
	    colon - host > (long)sizeof name)
		return SIZE_MAX;
	memcpy(number, slot + 1, (size_t)(host - slot - 1));
	memcpy(name, host + 1, (size_t)(colon - host - 1));
	if (num_i64(number, 0, SLOTS - 1, &n))
		return SIZE_MAX;
	size_t to = c->node_at(c->node_arg, *name ? name : c->nodes[node].url.host, (int)port);
	if (*answer == 'M' && to != SIZE_MAX) {
		t->moved[n] = (uint16_t)(to + 1);
		t->doubt_until_ns = mono_ns() + ms_to_ns(IN_DOUBT_MS);
	}
	return to;
}

const struct redis_topology_ops redis_cluster_topology = {
	.scheme = "+cluster",
	.open = cluster_open,
	.close = cluster_close,
	.pick = cluster_pick,
	.failed = cluster_failed,
	.moved = cluster_moved,
	.hello = "READONLY",
};
