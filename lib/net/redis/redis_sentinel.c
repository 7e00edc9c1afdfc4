/* The topology that sentinels know: redis+sentinel://a,b,c/NAME. Each sentinel is asked again and again, and tells
 * by itself what has happened, upon which it is asked at once. What counts is the highest epoch of the
 * configuration: a sentinel that has not heard of a failover yet says nothing new. */
#include "net/redis/redis_conn.h"
#include "net/redis/redis_roles.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "base/units.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TICK_MS = 50,
	ASK_MS = 1000,
	ASK_IN_DOUBT_MS = 100,
	IN_DOUBT_MS = 5000, /* after a failure or news */
	SILENT_MS = 1000,
};

/* What a sentinel is asked, in this order: an address is at least as new as the epoch before it. */
enum question { EPOCH, PRIMARY, REPLICAS, QUESTIONS, IDLE = QUESTIONS };

struct sentinels;

struct sentinel {
	struct sentinels *owner;
	struct redis_conn *asked, *heard; /* NULL: not open */
	enum question question;
	int64_t asked_ns, not_before_ns, hear_not_before_ns;
	int failures, deaf; /* in a row, of each connection */
	bool again;	    /* something has happened since it was asked */
	int64_t epoch;
	size_t *nodes, count; /* the primary first */
};

struct sentinels {
	struct redis_topology topology; /* first */
	struct net_dialer *dialer;
	const struct transport_config *config;
	struct redis_roles *roles;
	struct redis_command handshake, questions[QUESTIONS], subscribe;
	struct sentinel *all;
	const struct sentinel *followed; /* whose replicas are taken; NULL: nothing is known */
	int64_t epoch;
	int64_t doubt_until_ns;
	struct loop_timer *timer;
	size_t silent; /* those that have neither answered nor failed yet */
	enum error_class error;
	char detail[ERROR_DETAIL_MAX + 1]; /* why nothing is known */
};

static const char *field(const struct redisReply *reply, const char *name)
{
	for (size_t i = 0; i + 1 < reply->elements; i += 2)
		if (reply->element[i]->str && reply->element[i + 1]->str &&
		    strcmp(reply->element[i]->str, name) == 0)
			return reply->element[i + 1]->str;
	return "";
}

static size_t node_at(struct sentinel *s, const char *host, const char *port)
{
	const struct transport_config *c = s->owner->config;
	int64_t n;
	return num_i64(port, 1, 65535, &n) ? SIZE_MAX : c->node_at(c->node_arg, host, (int)n);
}

static void add_node(struct sentinel *s, size_t node)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->nodes[i] == node)
			return;
	if (node != SIZE_MAX)
		s->nodes[s->count++] = node;
}

/* Those that the sentinel itself takes for dead are for nobody. */
static void take_replicas(struct sentinel *s, const struct redisReply *reply)
{
	for (size_t i = 0; i < reply->elements; i++) {
		const struct redisReply *r = reply->element[i];
		const char *flags = field(r, "flags");
		if (!text_has_word(flags, ',', "s_down") && !text_has_word(flags, ',', "o_down"))
			add_node(s, node_at(s, field(r, "ip"), field(r, "port")));
	}
}

/* Any answer or failure of each is enough to begin with. */
static void heard_of(struct sentinels *t)
{
	if (t->silent && --t->silent == 0 && !t->followed)
		t->config->ready(t->config->ready_arg);
}

static void follow(struct sentinel *s)
{
	struct sentinels *t = s->owner;
	if (t->followed && (s->epoch < t->epoch || (s->epoch == t->epoch && s != t->followed &&
						    !t->followed->failures)))
		return;
	bool first = !t->followed;
	t->followed = s;
	t->epoch = s->epoch;
	redis_roles_set(t->roles, s->nodes, s->count, s->nodes[0]);
	if (first)
		t->config->ready(t->config->ready_arg);
}

static void fail(struct sentinel *s, enum error_class error, const char *detail)
{
	struct sentinels *t = s->owner;
	char host[URL_HOST_TEXT];
	const struct url *u = &t->config->seeds[s - t->all].url;
	s->question = IDLE;
	s->not_before_ns = redis_retry_ns(mono_ns(), ++s->failures);
	t->error = error;
	snprintf(t->detail, sizeof t->detail, "no primary is known: sentinel %s:%d: %.120s",
		 url_host_text(u, true, host), u->port, detail);
	heard_of(t);
}

static void ask(struct sentinel *s)
{
	s->again = false;
	s->question = EPOCH;
	s->asked_ns = mono_ns();
	redis_conn_send(s->asked, &s->owner->questions[EPOCH]);
}

/* Returns NULL, or why it is no answer. */
static const char *take(struct sentinel *s, const struct redisReply *reply)
{
	const char *detail;
	if (redis_reply_class(reply, REDIS_ANSWER_ANY, &detail))
		return detail;
	if (reply->type != REDIS_REPLY_ARRAY)
		return "it does not know the name";
	if (s->question == EPOCH)
		return num_i64(field(reply, "config-epoch"), 0, INT64_MAX, &s->epoch) ? "no epoch" : NULL;
	if (s->question == REPLICAS) {
		take_replicas(s, reply);
		return NULL;
	}
	s->count = 0;
	if (reply->elements == 2 && reply->element[0]->str && reply->element[1]->str)
		add_node(s, node_at(s, reply->element[0]->str, reply->element[1]->str));
	return s->count ? NULL : "no address";
}

static void answered(void *arg, const struct redisReply *reply, const struct redis_arrival *how)
{
	struct sentinel *s = arg;
	const char *why = take(s, reply);
	(void)how;
	if (why) {
		fail(s, ERROR_REDIS_OTHER, why);
	} else if (++s->question < QUESTIONS) {
		redis_conn_send(s->asked, &s->owner->questions[s->question]);
	} else {
		s->failures = 0;
		follow(s);
		heard_of(s->owner);
		if (s->again)
			ask(s);
	}
}

static void lost(void *arg, enum error_class error, const char *detail)
{
	struct sentinel *s = arg;
	fail(s, error, detail); /* the text may be the connection's */
	redis_conn_free(s->asked);
	s->asked = NULL;
}

static const struct redis_conn_events asked_events = {.reply = answered, .lost = lost};

static void doubt(struct sentinels *t)
{
	t->doubt_until_ns = mono_ns() + ms_to_ns(IN_DOUBT_MS);
}

/* The one that speaks of a failover is the one that leads it, and knows it first. */
static void told(void *arg, const struct redisReply *reply, const struct redis_arrival *how)
{
	struct sentinel *s = arg;
	(void)how;
	s->deaf = 0;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 4) /* to the subscription itself */
		return;
	doubt(s->owner);
	s->again = true;
	if (s->asked && s->question == IDLE)
		ask(s);
}

static void deaf(void *arg, enum error_class error, const char *detail)
{
	struct sentinel *s = arg;
	(void)error;
	(void)detail;
	redis_conn_free(s->heard);
	s->heard = NULL;
	s->hear_not_before_ns = redis_retry_ns(mono_ns(), ++s->deaf);
}

static const struct redis_conn_events heard_events = {.reply = told, .lost = deaf};

static void attend(struct sentinels *t, struct sentinel *s, int64_t now)
{
	const struct redis_server at = redis_server_of(t->config, &t->config->seeds[s - t->all]);
	int every_ms = now < t->doubt_until_ns || !t->followed ? ASK_IN_DOUBT_MS : ASK_MS;
	bool rested = now >= s->not_before_ns || !t->followed;
	if (s->question != IDLE && now - s->asked_ns > ms_to_ns(SILENT_MS))
		lost(s, ERROR_TIMEOUT, "no answer");
	if (s->question == IDLE && rested && now - s->asked_ns >= ms_to_ns(every_ms)) {
		if (!s->asked)
			s->asked = redis_conn_new(t->dialer, &at, &t->handshake, &asked_events, s, 1);
		redis_conn_allow_long(s->asked);
		ask(s);
	}
	if (!s->heard && now >= s->hear_not_before_ns) {
		s->heard = redis_conn_new(t->dialer, &at, &t->handshake, &heard_events, s, 1);
		redis_conn_subscribe(s->heard, &t->subscribe);
	}
}

static void tick(void *arg)
{
	struct sentinels *t = arg;
	int64_t now = mono_ns();
	for (size_t i = 0; i < t->config->seed_count; i++)
		if (t->config->seeds[i].addrs.count)
			attend(t, &t->all[i], now);
	loop_timer_at(t->timer, now + ms_to_ns(TICK_MS));
}

static struct sentinels *self(struct redis_topology *t)
{
	return (struct sentinels *)(void *)t;
}

static void sentinels_close(struct redis_topology *topology)
{
	struct sentinels *t = self(topology);
	for (size_t i = 0; i < t->config->seed_count; i++) {
		redis_conn_free(t->all[i].asked);
		redis_conn_free(t->all[i].heard);
		free(t->all[i].nodes);
	}
	for (size_t i = 0; i < QUESTIONS; i++)
		redis_command_release(&t->questions[i]);
	redis_command_release(&t->handshake);
	redis_command_release(&t->subscribe);
	redis_roles_free(t->roles);
	loop_timer_free(t->timer);
	free(t->all);
	free(t);
}

static void write_questions(struct sentinels *t)
{
	static const char *const words[QUESTIONS] = {"MASTER", "GET-MASTER-ADDR-BY-NAME", "REPLICAS"};
	const struct url *u = t->config->topology;
	struct url plain = {.scheme = "redis", .user = u->user, .password = u->password, .path = ""};
	struct err e;
	char *name = mem_printf("%.*s", (int)strcspn(u->path + 1, "/"), u->path + 1);
	for (size_t i = 0; i < QUESTIONS; i++)
		redis_command_init(&t->questions[i], 3, (const char *[]){"SENTINEL", words[i], name});
	redis_command_init(&t->subscribe, 2, (const char *[]){"PSUBSCRIBE", "*"});
	redis_handshake_init(&t->handshake, &plain, &e);
	t->handshake.lenient = true; /* most sentinels have no password, and refuse one */
	free(name);
}

static struct redis_topology *sentinels_open(struct net_dialer *d, const struct transport_config *c,
					     const struct redis_command *handshakes, struct err *e)
{
	struct sentinels *t = mem_alloc(sizeof *t);
	*t = (struct sentinels){.topology = {&redis_sentinel_topology},
				.dialer = d,
				.config = c,
				.silent = c->seed_count,
				.error = ERROR_DNS,
				.detail = "no primary is known: no sentinel has an address"};
	t->all = mem_alloc(c->seed_count * sizeof *t->all);
	for (size_t i = 0; i < c->seed_count; i++) {
		t->all[i] = (struct sentinel){.owner = t, .question = IDLE};
		t->all[i].nodes = mem_alloc(c->node_room * sizeof *t->all[i].nodes);
	}
	write_questions(t);
	t->roles = redis_roles_new(d, c, handshakes, e);
	t->timer = t->roles ? loop_timer_new(d->loop, tick, t, e) : NULL;
	if (!t->timer) {
		sentinels_close(&t->topology);
		return NULL;
	}
	loop_timer_at(t->timer, 0);
	return &t->topology;
}

static size_t sentinels_pick(struct redis_topology *topology, const struct redis_aim *aim)
{
	const struct sentinels *t = self(topology);
	if (!t->followed)
		return 0; /* stands for the sentinels: it has no address */
	return aim->reads ? redis_roles_reader(t->roles, aim->n) : redis_roles_writer(t->roles, aim->n);
}

static void sentinels_failed(struct redis_topology *topology, size_t node, bool write, bool is_lost)
{
	struct sentinels *t = self(topology);
	doubt(t);
	if (t->followed)
		redis_roles_failed(t->roles, node, write, is_lost);
}

static enum error_class sentinels_why(const struct redis_topology *topology, const char **detail)
{
	const struct sentinels *t = (const struct sentinels *)(const void *)topology;
	*detail = t->detail;
	return t->error;
}

const struct redis_topology_ops redis_sentinel_topology = {
	.scheme = "+sentinel",
	.open = sentinels_open,
	.close = sentinels_close,
	.pick = sentinels_pick,
	.failed = sentinels_failed,
	.why = sentinels_why,
};
