#include "net/redis/redis_roles.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "base/units.h"
#include "net/redis/redis_conn.h"

#include <stdlib.h>

enum {
	ASK_MS = 500,		 /* while some node is known to be master */
	ASK_MASTERLESS_MS = 20,	 /* while none is */
	RETRY_MIN_MS = 50,	 /* after a first failure; twice as long after each further one */
	RETRY_MAX_MS = 500,
	DOUBT_MS = 50,		 /* minimum interval of questions to one node after a failure */
	SILENT_MS = 1000,	 /* without an answer for this long a node is no master */
};

struct asked {
	struct redis_roles *owner;
	struct redis_conn *conn; /* NULL: none open */
	int64_t asked_ns;	 /* when the last question was put; 0: never */
	int64_t not_before_ns;	 /* of the next one */
	int failures;		 /* in a row */
	bool waiting;		 /* for its answer */
	bool once_known;	 /* answered or failed at least once */
	bool told; /* it has told its role: it is no proxy, and its user has the right */
	enum redis_role role;
};

struct redis_roles {
	struct redis_topology topology; /* first */
	struct net_dialer *dialer;
	const struct transport_config *config;
	const struct redis_command *handshakes;
	size_t room, *nodes, count; /* those that are asked, of so many at most */
	size_t last_master, primary;  /* primary: as others know it; SIZE_MAX: nobody does */
	struct asked *asked;	      /* by node */
	bool noted;		      /* that roles are not told */
	size_t *masters; /* indices of those that say so now */
	size_t master_count;
	struct redis_command role;
	struct loop_timer *timer;
	size_t unknown; /* nodes that have neither answered nor failed yet */
};

static void set_role(struct asked *a, enum redis_role role)
{
	struct redis_roles *r = a->owner;
	size_t before = r->master_count;
	a->role = role;
	r->master_count = 0;
	for (size_t i = 0; i < r->count; i++)
		if (r->asked[r->nodes[i]].role == REDIS_ROLE_MASTER)
			r->masters[r->master_count++] = r->nodes[i];
	if (role == REDIS_ROLE_MASTER)
		r->last_master = (size_t)(a - r->asked);
	if (before && !r->master_count)
		loop_timer_at(r->timer, 0); /* perhaps another has taken over already */
}

static void settle(struct asked *a, enum redis_role role)
{
	struct redis_roles *r = a->owner;
	a->waiting = false;
	set_role(a, role);
	if (a->once_known)
		return;
	a->once_known = true;
	if (--r->unknown == 0)
		r->config->ready(r->config->ready_arg);
}

/* Of one node nobody asks who is the primary. The reason is empty where the node said nothing to the point. */
static void note_silence(struct redis_roles *r, size_t node, const char *reason)
{
	char host[URL_HOST_TEXT];
	const struct url *u = &r->config->nodes[node].url;
	if (r->noted || r->count < 2 || r->primary != SIZE_MAX)
		return;
	r->noted = true;
	char *text = mem_printf("redis://%s:%d does not tell its ROLE%s%.*s%s: which node takes writes is found by "
				"trying, and some of them may fail for want of knowing",
				url_host_text(u, true, host), u->port, *reason ? " (" : "", ERROR_DETAIL_MAX, reason, *reason ? ")" : "");
	r->config->note(r->config->ready_arg, text);
	free(text);
}

static void answered(void *arg, const struct redisReply *reply, const struct redis_arrival *how)
{
	struct asked *a = arg;
	enum redis_role role = redis_reply_role(reply);
	const char *detail;
	(void)how;
	a->told |= role != REDIS_ROLE_UNKNOWN;
	a->failures = 0;
	a->not_before_ns = role == REDIS_ROLE_UNKNOWN ? mono_ns() + ms_to_ns(ASK_MS) : 0;
	if (role == REDIS_ROLE_UNKNOWN) {
		redis_reply_class(reply, REDIS_ANSWER_ANY, &detail);
		note_silence(a->owner, (size_t)(a - a->owner->asked), detail);
	}
	settle(a, role);
}

int64_t redis_retry_ns(int64_t now, int failures)
{
	int ms = failures > 4 ? RETRY_MAX_MS : RETRY_MIN_MS << (failures - 1);
	ms = ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
	return now + ms_to_ns(ms) * (int64_t)(75 + rng_at((uint64_t)now, 0) % 51) / 100;
}

static void lost(void *arg, enum error_class error, const char *detail)
{
	struct asked *a = arg;
	(void)error;
	(void)detail;
	redis_conn_free(a->conn);
	a->conn = NULL;
	/* A sentinel hangs up all clients of a node that it promotes: the first loss is asked about at once. */
	a->not_before_ns = ++a->failures > 1 ? redis_retry_ns(mono_ns(), a->failures - 1) : 0;
	settle(a, REDIS_ROLE_UNKNOWN);
	if (a->failures == 1 && !a->owner->master_count)
		loop_timer_at(a->owner->timer, 0);
}

static const struct redis_conn_events events = {.reply = answered, .lost = lost};

static void ask(struct redis_roles *r, size_t node, int64_t now)
{
	struct asked *a = &r->asked[node];
	const struct transport_node *n = &r->config->nodes[node];
	const struct redis_server at = redis_server_of(r->config, n);
	if (a->waiting && now - a->asked_ns > ms_to_ns(SILENT_MS))
		lost(a, ERROR_TIMEOUT, "");
	if (a->waiting || now < a->not_before_ns)
		return;
	a->waiting = true;
	a->asked_ns = now;
	if (!n->addrs.count) {
		settle(a, REDIS_ROLE_UNKNOWN);
		return;
	}
	if (!a->conn)
		a->conn = redis_conn_new(r->dialer, &at,
					 redis_handshake_of(r->config, r->handshakes, node), &events, a, 1);
	redis_conn_send(a->conn, &r->role);
}

static void ask_all(void *arg)
{
	struct redis_roles *r = arg;
	int64_t now = mono_ns();
	for (size_t i = 0; i < r->count; i++)
		ask(r, r->nodes[i], now);
	loop_timer_at(r->timer, now + ms_to_ns(r->master_count ? ASK_MS : ASK_MASTERLESS_MS));
}

struct redis_roles *redis_roles_new(struct net_dialer *d, const struct transport_config *c,
				    const struct redis_command *handshakes, struct err *e)
{
	struct redis_roles *r = mem_alloc(sizeof *r);
	*r = (struct redis_roles){.topology = {&redis_list_topology},
				  .dialer = d,
				  .config = c,
				  .handshakes = handshakes,
				  .room = c->topology ? c->node_room : c->node_count,
				  .count = c->topology ? 0 : c->node_count,
				  .primary = SIZE_MAX};
	r->timer = loop_timer_new(d->loop, ask_all, r, e);
	if (!r->timer) {
		free(r);
		return NULL;
	}
	r->unknown = r->count;
	r->asked = mem_alloc(r->room * sizeof *r->asked);
	r->masters = mem_alloc(r->room * sizeof *r->masters);
	r->nodes = mem_alloc(r->room * sizeof *r->nodes);
	for (size_t i = 0; i < r->room; i++) {
		r->asked[i].owner = r;
		r->asked[i].once_known = c->topology;
		r->nodes[i] = i;
	}
	redis_command_init(&r->role, 1, (const char *[]){"ROLE"});
	loop_timer_at(r->timer, 0);
	return r;
}

void redis_roles_free(struct redis_roles *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->room; i++)
		redis_conn_free(r->asked[i].conn);
	loop_timer_free(r->timer);
	redis_command_release(&r->role);
	free(r->asked);
	free(r->masters);
	free(r->nodes);
	free(r);
}

static void forget(struct asked *a)
{
	redis_conn_free(a->conn);
	*a = (struct asked){.owner = a->owner, .once_known = true};
}

void redis_roles_set(struct redis_roles *r, const size_t *nodes, size_t count, size_t primary)
{
	for (size_t i = 0; i < r->count; i++) {
		size_t k = 0;
		while (k < count && nodes[k] != r->nodes[i])
			k++;
		if (k == count)
			forget(&r->asked[r->nodes[i]]);
		else if (primary != r->primary) /* what it said may be from before the change */
			r->asked[r->nodes[i]].role = REDIS_ROLE_UNKNOWN;
	}
	for (size_t i = 0; i < count; i++)
		r->nodes[i] = nodes[i];
	r->count = count;
	bool changed = primary != r->primary;
	r->primary = r->last_master = primary;
	struct asked *a = &r->asked[primary];
	set_role(a, changed ? REDIS_ROLE_MASTER : a->role);
}

size_t redis_roles_writer(const struct redis_roles *r, uint64_t n)
{
	bool primary = r->primary != SIZE_MAX;
	if (!r->master_count || (primary && r->asked[r->primary].role == REDIS_ROLE_MASTER))
		return primary ? r->primary : r->last_master;
	return r->masters[r->master_count == 1 ? 0 : n % r->master_count];
}

size_t redis_roles_reader(const struct redis_roles *r, uint64_t n)
{
	return r->nodes[r->count == 1 ? 0 : n % r->count];
}

static void next_writer(struct redis_roles *r, size_t node, bool lost)
{
	if (r->master_count || node != r->last_master)
		return;
	for (size_t i = 1; i < r->count; i++) {
		size_t next = (node + i) % r->count;
		if (!r->asked[next].told) {
			r->last_master = next;
			if (!lost) /* the write was answered, and no node named another primary */
				note_silence(r, next, "");
			return;
		}
	}
}

void redis_roles_failed(struct redis_roles *r, size_t node, bool write, bool lost)
{
	struct asked *a = &r->asked[node];
	int64_t now = mono_ns();
	if (write && r->primary == SIZE_MAX)
		next_writer(r, node, lost);
	if (a->role == REDIS_ROLE_UNKNOWN) /* it is asked regularly anyway */
		return;
	if (lost)
		set_role(a, REDIS_ROLE_UNKNOWN);
	if (now - a->asked_ns >= ms_to_ns(DOUBT_MS))
		ask(r, node, now);
}

/* --- the topology of nodes that are given --------------------------------------- */

static struct redis_topology *list_open(struct net_dialer *d, const struct transport_config *c,
					const struct redis_command *handshakes, struct err *e)
{
	return (struct redis_topology *)(void *)redis_roles_new(d, c, handshakes, e);
}

static struct redis_roles *roles_of(struct redis_topology *t)
{
	return (struct redis_roles *)(void *)t;
}

static void list_close(struct redis_topology *t)
{
	redis_roles_free(roles_of(t));
}

static size_t list_pick(struct redis_topology *t, const struct redis_aim *aim)
{
	return aim->reads ? redis_roles_reader(roles_of(t), aim->n) : redis_roles_writer(roles_of(t), aim->n);
}

static void list_failed(struct redis_topology *t, size_t node, bool write, bool lost)
{
	redis_roles_failed(roles_of(t), node, write, lost);
}

const struct redis_topology_ops redis_list_topology = {
	.scheme = "",
	.open = list_open,
	.close = list_close,
	.pick = list_pick,
	.failed = list_failed,
};
