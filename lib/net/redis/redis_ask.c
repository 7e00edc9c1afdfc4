#include "net/redis/redis_ask.h"

#include "base/clock.h"
#include "net/redis/redis_conn.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

/* A loop of its own, which runs as long as an answer is waited for. */
struct redis_ask {
	struct loop *loop;
	struct net_addrs addrs; /* owned; what the URL says without a resolver */
	struct net_dialer dialer;
	struct redis_command handshake, command;
	struct redis_conn *conn; /* NULL: lost */
	struct loop_timer *timer;
	int64_t timeout_ns;
	struct buf *answer; /* of the question; NULL: nobody wants it */
	bool *refused;
	struct err *e;
	int rc;
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

static void end(struct redis_ask *a, int rc)
{
	a->rc = rc;
	loop_stop(a->loop);
}

static void answered(void *arg, const struct redisReply *reply, const struct redis_arrival *how)
{
	struct redis_ask *a = arg;
	(void)how;
	*a->refused = reply->type == REDIS_REPLY_ERROR;
	if (!*a->refused && a->answer)
		add(reply, false, a->answer);
	end(a, *a->refused ? err_runtime(a->e, "%s", reply->str) : 0);
}

static void lost(void *arg, enum error_class error, const char *detail)
{
	struct redis_ask *a = arg;
	int rc = err_runtime(a->e, "%s", detail);
	if (error == ERROR_TLS || error == ERROR_REDIS_AUTH)
		a->e->code = EXIT_INCONCLUSIVE;
	redis_conn_free(a->conn);
	a->conn = NULL;
	end(a, rc);
}

static void timed_out(void *arg)
{
	lost(arg, ERROR_TIMEOUT, "no answer in time");
}

static int ask(struct redis_ask *a, struct buf *answer, bool *refused, struct err *e)
{
	if (!a->conn)
		return err_runtime(e, "the connection is lost");
	a->answer = answer;
	a->refused = refused;
	a->e = e;
	a->rc = 1;
	loop_timer_at(a->timer, mono_ns() + a->timeout_ns);
	redis_conn_send(a->conn, &a->command);
	while (a->rc > 0) /* loop_stop outside of the loop ends the next one at once */
		loop_run(a->loop);
	loop_timer_stop(a->timer);
	return a->rc;
}

/* The server, with its addresses: libcurl and its thirty libraries are for TLS, and for names that must be looked up. */
static struct redis_server addressed(struct redis_ask *a, const struct redis_server *to)
{
	struct redis_server at = *to;
	struct err e;
	if (url_is_tls(to->url))
		return at;
	if (url_is_unix(to->url) ? !net_unix_address(to->url->host, &a->addrs, &e) : net_resolve_now(to->url, &a->addrs))
		at.addrs = &a->addrs;
	return at;
}

struct redis_ask *redis_ask_open(const struct redis_server *to, int64_t timeout_ns, struct err *e)
{
	static const struct redis_conn_events events = {.reply = answered, .lost = lost};
	struct redis_ask *a = mem_alloc(sizeof *a);
	bool refused = false;
	a->timeout_ns = timeout_ns;
	a->loop = loop_new(e);
	net_dialer_init(&a->dialer, a->loop, 0, timeout_ns);
	a->timer = a->loop ? loop_timer_new(a->loop, timed_out, a, e) : NULL;
	int rc = !a->timer || redis_handshake_init(&a->handshake, to->url, e) ? -1 : 0;
	if (!rc) {
		const struct redis_server at = addressed(a, to);
		a->conn = redis_conn_new(&a->dialer, &at, &a->handshake, &events, a, 1);
		redis_conn_allow_long(a->conn);
		redis_command_init(&a->command, 1, (const char *[]){"PING"});
		/* A server that is loading its data answers that, and one whose user may not PING. */
		rc = ask(a, NULL, &refused, e) && !refused ? -1 : 0;
	}
	if (rc) {
		redis_ask_close(a);
		return NULL;
	}
	return a;
}

void redis_ask_close(struct redis_ask *a)
{
	if (!a)
		return;
	redis_conn_free(a->conn);
	net_dialer_release(&a->dialer);
	net_addrs_release(&a->addrs);
	redis_command_release(&a->handshake);
	redis_command_release(&a->command);
	loop_timer_free(a->timer);
	loop_free(a->loop);
	free(a);
}

int redis_ask(struct redis_ask *a, int words, const char *const *texts, struct buf *answer, bool *refused,
	      struct err *e)
{
	*refused = false;
	const char **list = mem_alloc((size_t)words * sizeof *list);
	memcpy(list, texts, (size_t)words * sizeof *list);
	redis_command_release(&a->command);
	redis_command_init(&a->command, words, list);
	free(list);
	return ask(a, answer, refused, e);
}
