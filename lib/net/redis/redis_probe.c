#include "net/redis/redis_probe.h"

#include "base/buf.h"
#include "base/clock.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct redis_probe {
	struct url at;
	bool replica;
	redisContext *context; /* NULL: no attempt under way */
	int replies_due;       /* the last of them answers the question */
	int64_t deadline_ns;
	char why[160];
	bool heard;
	char role[16]; /* as ROLE last said; "" before */
};

struct redis_probe *redis_probe_new(const struct url *at, bool replica)
{
	struct redis_probe *p = mem_alloc(sizeof *p);
	p->at = *at;
	p->replica = replica;
	return p;
}

static void give_up(struct redis_probe *p)
{
	if (p->context)
		redisFree(p->context);
	p->context = NULL;
}

void redis_probe_free(struct redis_probe *p)
{
	if (!p)
		return;
	give_up(p);
	free(p);
}

static enum probe_answer no(struct redis_probe *p, const char *why)
{
	snprintf(p->why, sizeof p->why, "%s", why);
	give_up(p);
	return PROBE_NO;
}

void redis_probe_start(struct redis_probe *p, int64_t timeout_ns)
{
	/* A name would be looked up, and "localhost" needs no looking up. */
	const char *host = strcmp(p->at.host, "localhost") == 0 ? "127.0.0.1" : p->at.host;
	give_up(p);
	p->role[0] = '\0';
	p->heard = false;
	p->deadline_ns = mono_ns() + timeout_ns;
	p->replies_due = 1;
	p->context = redisConnectNonBlock(host, p->at.port);
	if (!p->context)
		abort(); /* only for want of memory */
	if (p->context->err)
		return;
	if (p->at.password[0] && p->at.user[0])
		redisAppendCommand(p->context, "AUTH %s %s", p->at.user, p->at.password);
	else if (p->at.password[0])
		redisAppendCommand(p->context, "AUTH %s", p->at.password);
	p->replies_due += p->at.password[0] != '\0';
	redisAppendCommand(p->context, p->replica ? "ROLE" : "PING");
}

/* ROLE of a replica: ["slave", master's host, its port, state of the link, offset]. */
static enum probe_answer judge_role(struct redis_probe *p, const redisReply *r)
{
	if (r->type != REDIS_REPLY_ARRAY || r->elements < 1 || !r->element[0]->str)
		return no(p, "ROLE gave an answer of another form");
	snprintf(p->role, sizeof p->role, "%s", r->element[0]->str);
	if (strcmp(p->role, "slave") != 0 || r->elements < 4 || !r->element[3]->str) {
		char why[100];
		snprintf(why, sizeof why, "it is a %.40s, not a replica", r->element[0]->str);
		return no(p, why);
	}
	if (strcmp(r->element[3]->str, "connected") != 0) {
		char why[100];
		snprintf(why, sizeof why, "its link to the master is not up yet (%.40s)",
			 r->element[3]->str);
		return no(p, why);
	}
	give_up(p);
	return PROBE_YES;
}

static enum probe_answer judge(struct redis_probe *p, const redisReply *r)
{
	p->heard = true;
	if (r->type == REDIS_REPLY_ERROR)
		return no(p, r->str);
	if (--p->replies_due > 0)
		return PROBE_PENDING;
	if (p->replica)
		return judge_role(p, r);
	if (r->type != REDIS_REPLY_STATUS || strcmp(r->str, "PONG") != 0)
		return no(p, "PING was not answered by PONG");
	give_up(p);
	return PROBE_YES;
}

enum probe_answer redis_probe_step(struct redis_probe *p)
{
	int written;
	void *reply = NULL;
	if (!p->context)
		return no(p, "not started");
	if (p->context->err || redisBufferWrite(p->context, &written) != REDIS_OK ||
	    redisBufferRead(p->context) != REDIS_OK)
		return no(p, p->context->errstr);
	do {
		if (redisGetReplyFromReader(p->context, &reply) != REDIS_OK)
			return no(p, p->context->errstr);
		enum probe_answer a = reply ? judge(p, reply) : PROBE_PENDING;
		if (reply)
			freeReplyObject(reply);
		if (a != PROBE_PENDING)
			return a;
	} while (reply);
	if (mono_ns() >= p->deadline_ns)
		return no(p, "no answer in time");
	return PROBE_PENDING;
}

const char *redis_probe_why(const struct redis_probe *p)
{
	return p->why;
}

bool redis_probe_heard(const struct redis_probe *p)
{
	return p->heard;
}

const char *redis_probe_role(const struct redis_probe *p)
{
	return p->role;
}
