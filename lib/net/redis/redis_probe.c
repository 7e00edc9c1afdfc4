#include "net/redis/redis_probe.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/redis/redis_conn.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct redis_probe {
	struct net_dialer dialer;
	struct url at; /* without user and path */
	char *via;     /* owned */
	struct redis_command handshake, command;
	bool asks_role;
	struct redis_conn *conn; /* NULL: not connected */
	struct loop_timer *timer; /* of the whole attempt; NULL: none is under way */
	struct probe_result *out;
};

static void stop(struct redis_probe *p)
{
	redis_conn_free(p->conn);
	p->conn = NULL;
	loop_timer_free(p->timer);
	p->timer = NULL;
}

/* Ends an attempt: PROBE_YES, or PROBE_NO if why is given, which may belong to the connection. */
static void end(struct redis_probe *p, const char *why)
{
	p->out->answer = why ? PROBE_NO : PROBE_YES;
	snprintf(p->out->why, sizeof p->out->why, "%s", why ? why : "");
	p->out->heard = p->conn && redis_conn_bytes(p->conn) > 0;
	stop(p);
}

static void timed_out(void *arg)
{
	struct redis_probe *p = arg;
	p->out->local = false;
	end(p, "no answer in time");
}

/* ROLE of a replica: ["slave", master's host, its port, link state, offset]. Returns NULL for a
 * replica whose link is up, else the reason. */
static const char *judge_role(struct probe_result *out, const redisReply *r, char why[static 100])
{
	if (r->type != REDIS_REPLY_ARRAY || r->elements < 1 || !r->element[0]->str)
		return "ROLE gave an answer of another form";
	snprintf(out->role, sizeof out->role, "%s", r->element[0]->str);
	if (strcmp(out->role, "slave") != 0 || r->elements < 4 || !r->element[3]->str)
		snprintf(why, 100, "it is a %.40s, not a replica", r->element[0]->str);
	else if (strcmp(r->element[3]->str, "connected") != 0)
		snprintf(why, 100, "its link to the master is not up yet (%.40s)",
			 r->element[3]->str);
	else
		return NULL;
	return why;
}

static void answered(void *arg, const redisReply *r, const struct redis_arrival *how)
{
	struct redis_probe *p = arg;
	char text[100];
	const char *why = NULL;
	(void)how;
	p->out->local = false;
	if (r->type == REDIS_REPLY_ERROR)
		why = r->str;
	else if (p->asks_role)
		why = judge_role(p->out, r, text);
	else if (r->type != REDIS_REPLY_STATUS || strcmp(r->str, "PONG") != 0)
		why = "PING was not answered by PONG";
	end(p, why);
}

static void lost(void *arg, enum error_class error, const char *detail)
{
	struct redis_probe *p = arg;
	p->out->local = error == ERROR_LOCAL;
	end(p, detail);
}

static const struct redis_conn_events events = {.reply = answered, .lost = lost};

static void *redis_open(struct loop *l, const struct url *at, const char *what,
			struct probe_result *out)
{
	struct redis_probe *p = mem_alloc(sizeof *p);
	struct url server = *at;
	struct err e;
	server.path = ""; /* which database does not matter */
	p->at = *at;
	p->via = mem_strdup(at->via);
	p->at.via = p->via;
	net_dialer_init(&p->dialer, l, 0, 0);
	p->out = out;
	p->asks_role = strcmp(what, "ROLE") == 0;
	redis_handshake_init(&p->handshake, &server, &e);
	redis_command_init(&p->command, 1, &what);
	return p;
}

static void redis_start(void *state, int64_t timeout_ns)
{
	struct redis_probe *p = state;
	struct err e;
	stop(p); /* why the last one was no stays until there is another answer */
	p->out->answer = PROBE_PENDING;
	p->out->heard = false;
	p->timer = loop_timer_new(p->dialer.loop, timed_out, p, &e);
	if (!p->timer) {
		p->out->local = true;
		end(p, e.msg);
		return;
	}
	loop_timer_at(p->timer, mono_ns() + timeout_ns);
	const struct redis_server to = {.url = &p->at, .insecure = true};
	p->conn = redis_conn_new(&p->dialer, &to, &p->handshake, &events, p, 1);
	redis_conn_send(p->conn, &p->command);
}

static void redis_close(void *state)
{
	struct redis_probe *p = state;
	stop(p);
	redis_command_release(&p->handshake);
	redis_command_release(&p->command);
	free(p->via);
	free(p);
}

const struct prober redis_prober = {.open = redis_open, .start = redis_start, .close = redis_close};
