#include "net/redis/redis_roles.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "net/redis/redis_conn.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	ASK_MS = 500,		 /* while some node is known to be master */
	ASK_MASTERLESS_MS = 200, /* while none is */
	DOUBT_MS = 50,		 /* minimum interval of questions to one node after a failure */
	SILENT_MS = 1000,	 /* without an answer for this long a node is no master */
};

struct asked {
	struct redis_roles *owner;
	struct redis_conn *conn; /* NULL: none open */
	int64_t asked_ns;	 /* when the last question was put; 0: never */
	bool waiting;		 /* for its answer */
	bool once_known;	 /* answered or failed at least once */
	bool told; /* it has told its role: it is no proxy, and its user has the right */
	enum redis_role role;
};

struct redis_roles {
	struct net_dialer *dialer;
	const struct transport_config *config;
	const struct redis_command *handshakes;
	size_t count, last_master;
	struct asked *asked;
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
		if (r->asked[i].role == REDIS_ROLE_MASTER)
			r->masters[r->master_count++] = i;
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

static void answered(void *arg, const struct redisReply *reply, int64_t bytes)
{
	struct asked *a = arg;
	enum redis_role role = redis_reply_role(reply);
	(void)bytes;
	a->told |= role != REDIS_ROLE_UNKNOWN;
	settle(a, role);
}

static void lost(void *arg, enum error_class error, const char *detail)
{
	struct asked *a = arg;
	(void)error;
	(void)detail;
	redis_conn_free(a->conn);
	a->conn = NULL;
	settle(a, REDIS_ROLE_UNKNOWN);
}

static const struct redis_conn_events events = {.reply = answered, .lost = lost};

static void ask(struct redis_roles *r, size_t node, int64_t now)
{
	struct asked *a = &r->asked[node];
	const struct net_addrs *addrs = &r->config->nodes[node].addrs;
	if (a->waiting && now - a->asked_ns > ms_to_ns(SILENT_MS))
		lost(a, ERROR_TIMEOUT, "");
	if (a->waiting)
		return;
	a->waiting = true;
	a->asked_ns = now;
	if (!addrs->count) {
		settle(a, REDIS_ROLE_UNKNOWN);
		return;
	}
	if (!a->conn)
		a->conn = redis_conn_new(r->dialer, addrs, &r->handshakes[node], &events, a);
	redis_conn_send(a->conn, &r->role);
}

static void ask_all(void *arg)
{
	struct redis_roles *r = arg;
	int64_t now = mono_ns();
	for (size_t i = 0; i < r->count; i++)
		ask(r, i, now);
	loop_timer_at(r->timer, now + ms_to_ns(r->master_count ? ASK_MS : ASK_MASTERLESS_MS));
}

struct redis_roles *redis_roles_new(struct net_dialer *d, const struct transport_config *c,
				    const struct redis_command *handshakes, struct err *e)
{
	size_t count = c->node_count;
	struct redis_roles *r = mem_alloc(sizeof *r);
	*r = (struct redis_roles){.dialer = d,
				  .config = c,
				  .handshakes = handshakes,
				  .count = count,
				  .unknown = count};
	r->timer = loop_timer_new(d->loop, ask_all, r, e);
	if (!r->timer) {
		free(r);
		return NULL;
	}
	r->asked = mem_alloc(count * sizeof *r->asked);
	r->masters = mem_alloc(count * sizeof *r->masters);
	for (size_t i = 0; i < count; i++)
		r->asked[i].owner = r;
	redis_command_init(&r->role, 1, (const char *[]){"ROLE"});
	loop_timer_at(r->timer, 0);
	return r;
}

void redis_roles_free(struct redis_roles *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->count; i++)
		redis_conn_free(r->asked[i].conn);
	loop_timer_free(r->timer);
	redis_command_release(&r->role);
	free(r->asked);
	free(r->masters);
	free(r);
}

size_t redis_roles_writer(const struct redis_roles *r, uint64_t n)
{
	return r->master_count ? r->masters[n % r->master_count] : r->last_master;
}

void redis_roles_next_writer(struct redis_roles *r, size_t node)
{
	if (r->master_count || node != r->last_master)
		return;
	for (size_t i = 1; i < r->count; i++) {
		size_t next = (node + i) % r->count;
		if (!r->asked[next].told) {
			r->last_master = next;
			return;
		}
	}
}

void redis_roles_doubt(struct redis_roles *r, size_t node, bool is_lost)
{
	struct asked *a = &r->asked[node];
	int64_t now = mono_ns();
	if (a->role == REDIS_ROLE_UNKNOWN) /* it is asked regularly anyway */
		return;
	if (is_lost)
		set_role(a, REDIS_ROLE_UNKNOWN);
	if (now - a->asked_ns >= ms_to_ns(DOUBT_MS))
		ask(r, node, now);
}
