#include "net/redis/redis_probe.h"

#include "base/buf.h"
#include "net/redis/redis_conn.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct redis_probe {
	struct probe_dial dial;
	struct redis_command handshake, command;
	bool asks_role;
	struct redis_conn *conn; /* NULL: no attempt under way */
};

static void stop(void *arg)
{
	struct redis_probe *p = arg;
	if (p->conn)
		p->dial.out->heard = redis_conn_bytes(p->conn) > 0;
	redis_conn_free(p->conn);
	p->conn = NULL;
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

static void answered(void *arg, const redisReply *r, int64_t bytes)
{
	struct redis_probe *p = arg;
	char text[100];
	const char *why = NULL;
	(void)bytes;
	if (r->type == REDIS_REPLY_ERROR)
		why = r->str;
	else if (p->asks_role)
		why = judge_role(p->dial.out, r, text);
	else if (r->type != REDIS_REPLY_STATUS || strcmp(r->str, "PONG") != 0)
		why = "PING was not answered by PONG";
	probe_dial_end(&p->dial, why);
	stop(p);
}

static void lost(void *arg, enum sample_error error, const char *detail)
{
	struct redis_probe *p = arg;
	(void)error;
	probe_dial_end(&p->dial, detail);
	stop(p);
}

static const struct redis_conn_events events = {.reply = answered, .lost = lost};

static void dial(void *arg)
{
	struct redis_probe *p = arg;
	p->conn = redis_conn_new(&p->dial.dialer, &p->dial.addrs, &p->handshake, &events, p);
	redis_conn_send(p->conn, &p->command);
}

static void *redis_open(struct loop *l, const struct url *at, const char *what,
			struct probe_result *out)
{
	struct redis_probe *p = mem_alloc(sizeof *p);
	struct url server = *at;
	struct err e;
	server.path[0] = '\0'; /* which database does not matter */
	probe_dial_init(&p->dial, l, &server, out);
	p->dial.dial = dial;
	p->dial.stop = stop;
	p->dial.arg = p;
	p->asks_role = strcmp(what, "ROLE") == 0;
	redis_handshake_init(&p->handshake, &server, &e);
	redis_command_init(&p->command, what, NULL);
	return p;
}

static void redis_start(void *state, int64_t timeout_ns)
{
	struct redis_probe *p = state;
	redis_conn_free(p->conn);
	p->conn = NULL;
	probe_dial_start(&p->dial, timeout_ns);
}

static void redis_close(void *state)
{
	struct redis_probe *p = state;
	stop(p);
	redis_command_release(&p->handshake);
	redis_command_release(&p->command);
	probe_dial_release(&p->dial);
	free(p);
}

const struct prober redis_prober = {.open = redis_open, .start = redis_start, .close = redis_close};
