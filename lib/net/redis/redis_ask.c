#include "net/redis/redis_ask.h"

#include "base/units.h"
#include "net/redis/redis_words.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

struct redis_ask {
	redisContext *context;
};

static void add(const redisReply *r, bool of_list, struct buf *out)
{
	for (size_t i = 0; r->type == REDIS_REPLY_ARRAY && i < r->elements; i++)
		add(r->element[i], true, out);
	if (r->type == REDIS_REPLY_INTEGER)
		buf_addf(out, "%lld", r->integer);
	else if (r->type == REDIS_REPLY_STRING || r->type == REDIS_REPLY_STATUS)
		buf_add(out, r->str, (size_t)r->len);
	if (of_list && r->type != REDIS_REPLY_ARRAY)
		buf_addch(out, '\n');
}

/* The next answer, into out unless that is NULL. */
static int take(struct redis_ask *a, struct buf *out, bool *refused, struct err *e)
{
	void *got = NULL;
	if (redisGetReply(a->context, &got) != REDIS_OK)
		return err_runtime(e, "%s", a->context->errstr);
	redisReply *r = got;
	int rc = 0;
	*refused = r->type == REDIS_REPLY_ERROR;
	if (*refused)
		rc = err_runtime(e, "%s", r->str);
	else if (out)
		add(r, false, out);
	freeReplyObject(r);
	return rc;
}

static int shake_hands(struct redis_ask *a, const struct url *u, struct err *e)
{
	struct redis_command c;
	bool refused;
	int rc = redis_handshake_init(&c, u, e);
	if (!rc && c.len)
		rc = redisAppendFormattedCommand(a->context, c.text, c.len) ? err_runtime(e, "out of memory") : 0;
	for (int i = 0; i < c.count && !rc; i++)
		rc = take(a, NULL, &refused, e);
	char *args = rc ? strstr(e->msg, ", with args") : NULL;
	if (args)
		*args = '\0'; /* where AUTH is unknown, Redis repeats the password behind it */
	redis_command_release(&c);
	return rc;
}

struct redis_ask *redis_ask_open(const struct url *u, int64_t timeout_ns, struct err *e)
{
	const struct timeval limit = {timeout_ns / NS_PER_S, timeout_ns % NS_PER_S / NS_PER_US};
	struct redis_ask *a = mem_alloc(sizeof *a);
	a->context = redisConnectWithTimeout(u->host, u->port, limit);
	int rc = !a->context	   ? err_runtime(e, "out of memory")
		 : a->context->err ? err_runtime(e, "%s", a->context->errstr)
				   : redisSetTimeout(a->context, limit);
	if (rc || shake_hands(a, u, e)) {
		redis_ask_close(a);
		return NULL;
	}
	return a;
}

void redis_ask_close(struct redis_ask *a)
{
	if (a && a->context)
		redisFree(a->context);
	free(a);
}

int redis_ask(struct redis_ask *a, int words, const char *const *texts, struct buf *answer, bool *refused,
	      struct err *e)
{
	*refused = false;
	const char **list = mem_alloc((size_t)words * sizeof *list);
	memcpy(list, texts, (size_t)words * sizeof *list);
	int rc = redisAppendCommandArgv(a->context, words, list, NULL);
	free(list);
	return rc ? err_runtime(e, "%s", a->context->errstr) : take(a, answer, refused, e);
}
