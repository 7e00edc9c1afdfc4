/* Answers of Redis servers: each is an answer or the end of the connection, once. The first byte says in
 * what pieces they come, and whether to AUTH and SELECT first. */
#include "net/redis/redis_conn.c"

#include "fuzz.h"

#include <unistd.h>

struct seen {
	struct redis_conn *conn;
	int replies, lost;
};

static void replied(void *arg, const struct redisReply *reply, const struct redis_arrival *how)
{
	struct seen *s = arg;
	const char *detail;
	MUST(!s->lost && how->bytes > 0 && how->bytes <= ANSWER_BYTES_MAX);
	for (enum redis_answer a = REDIS_ANSWER_ANY; a <= REDIS_ANSWER_TEXT; a++)
		redis_reply_class(reply, a, &detail);
	redis_reply_role(reply);
	s->replies++;
}

static void lost(void *arg, enum error_class error, const char *detail)
{
	struct seen *s = arg;
	MUST(!s->lost && error != ERROR_NONE && detail);
	s->lost++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct redis_conn_events events = {.reply = replied, .lost = lost};
	static struct loop *loop;
	static unsigned inputs;
	const struct redis_command ping = {.text = (char[]){"PING\r\n"}, .len = 6, .count = 1},
				   hello = {.text = (char[]){"A\r\n"}, .len = size && data[0] & 1 ? 3 : 0, .count = 2};
	int fds[2];
	struct err e;
	struct seen s = {0};
	struct net_dialer dialer;
	const struct redis_server nowhere = {0};
	if (inputs++ % 1024 == 0) { /* one that never runs keeps what it watched */
		loop_free(loop);
		MUST(loop = loop_new(&e));
	}
	MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds));
	net_dialer_init(&dialer, loop, 0, 0);
	s.conn = redis_conn_new(&dialer, &nowhere, &hello, &events, &s, 2);
	s.conn->wire.link.fd = fds[0];
	s.conn->wire.link.connected = true;
	reader_new(s.conn);
	for (int i = 0; i < 2; i++)
		redis_pipe_add(redis_conn_pipe(s.conn), &ping, &s, NULL);
	redis_conn_flush(s.conn);
	for (size_t at = 1, n; at < size && !s.lost; at += n) {
		n = size - at < 1U + data[0] / 2 ? size - at : 1U + data[0] / 2;
		MUST(write(fds[1], data + at, n) == (ssize_t)n);
		ready(s.conn, LOOP_READ);
		MUST(s.replies <= 2);
	}
	redis_conn_free(s.conn);
	close(fds[1]);
	net_dialer_release(&dialer);
	return 0;
}
