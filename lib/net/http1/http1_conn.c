#include "net/http1/http1_conn.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/http1/http1_parse.h"
#include "net/net_error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	READ_BYTES = 16384,
	READS_MAX = 16, /* per loop iteration */
};

struct http1_conn {
	struct net_link link;
	const struct http1_conn_events *events;
	void *arg;
	bool used; /* it has carried a request before this one */
	bool busy; /* a request is under way */
	const struct http1_message *message;
	size_t out; /* bytes of it that are out */
	int64_t sent_ns;
	struct http1_parse answer;
};

static void lose(struct http1_conn *c, enum sample_error error, const char *detail)
{
	net_link_close(&c->link);
	c->events->lost(c->arg, error, detail, c->answer.body_bytes);
}

/* The peer closed or reset the connection. On a reused connection it is unknown whether the server
 * processed the request, so it is not sent again. */
static void lose_peer(struct http1_conn *c, int sys_errno)
{
	if (c->busy && c->used && !http1_parse_begun(&c->answer))
		lose(c, ERROR_RESET, "connection lost after the request was sent; not sent again");
	else if (sys_errno)
		lose(c, net_error_class(sys_errno), strerror(sys_errno));
	else
		lose(c, ERROR_CLOSED,
		     http1_parse_begun(&c->answer) ? "connection closed within the answer"
						   : "connection closed without an answer");
}

/* A reused connection failed before any byte of the request was written: sending on a new one is
 * not a second sending. */
static void reopen(struct http1_conn *c)
{
	net_link_close(&c->link);
	c->used = false;
	net_link_open(&c->link);
}

/* Writes until the socket would block. May lose the connection. */
static void write_out(struct http1_conn *c)
{
	const struct http1_message *m = c->message;
	while (c->out < m->len) {
		int64_t now = c->sent_ns ? 0 : mono_ns();
		ssize_t n = send(c->link.fd, m->text + c->out, m->len - c->out, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			net_link_watch(&c->link, LOOP_READ | LOOP_WRITE);
			return;
		}
		if (n < 0 && c->used && !c->out) {
			reopen(c);
			return;
		}
		if (n < 0) {
			lose_peer(c, errno);
			return;
		}
		if (!c->sent_ns)
			c->sent_ns = now;
		c->out += (size_t)n;
	}
	net_link_watch(&c->link, LOOP_READ);
}

static void answer_ended(struct http1_conn *c, bool excess)
{
	bool keep = c->answer.keep_alive && !excess && c->out == c->message->len;
	c->busy = false;
	c->used = true;
	if (!keep)
		net_link_close(&c->link);
	c->events->answered(c->arg, c->answer.status, c->answer.body_bytes, keep);
}

/* Returns true if the connection waits for more. */
static bool take_in(struct http1_conn *c, const char *data, size_t len)
{
	if (!c->busy) { /* data on an idle connection */
		lose(c, ERROR_PROTOCOL, "an answer that nothing was asked for");
		return false;
	}
	size_t used = http1_parse(&c->answer, data, len);
	if (c->answer.state == HTTP1_BAD) {
		lose(c, ERROR_PROTOCOL, c->answer.why);
		return false;
	}
	if (c->answer.state != HTTP1_DONE)
		return true;
	answer_ended(c, used < len);
	return false;
}

static void peer_closed(struct http1_conn *c)
{
	if (c->busy && http1_parse_end(&c->answer))
		answer_ended(c, true);
	else
		lose_peer(c, 0);
}

static void read_in(struct http1_conn *c)
{
	char data[READ_BYTES];
	for (int reads = 0; reads < READS_MAX; reads++) {
		ssize_t n = recv(c->link.fd, data, sizeof data, 0);
		if (n == 0) {
			peer_closed(c);
			return;
		}
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				lose_peer(c, errno);
			return;
		}
		if (!take_in(c, data, (size_t)n) || (size_t)n < sizeof data)
			return;
	}
}

static void connected(void *arg)
{
	write_out(arg);
}

static void failed(void *arg, enum sample_error error, const char *detail)
{
	lose(arg, error, detail);
}

static void ready(void *arg, int events)
{
	struct http1_conn *c = arg;
	/* Reads first: a server may answer and close before it has read the whole request. */
	if (events & (LOOP_READ | LOOP_ERROR)) {
		if (!(events & LOOP_ERROR) || !net_link_watch(&c->link, LOOP_READ))
			read_in(c);
		return;
	}
	if (events & LOOP_WRITE)
		write_out(c);
}

static const struct net_link_events link_events = {
	.connected = connected, .failed = failed, .ready = ready};

struct http1_conn *http1_conn_new(struct net_dialer *d, const struct net_addrs *addrs,
				  const struct http1_conn_events *events, void *arg)
{
	struct http1_conn *c = mem_alloc(sizeof *c);
	net_link_init(&c->link, d, addrs, &link_events, c);
	c->events = events;
	c->arg = arg;
	return c;
}

void http1_conn_free(struct http1_conn *c)
{
	if (!c)
		return;
	net_link_close(&c->link);
	free(c);
}

void http1_conn_send(struct http1_conn *c, const struct http1_message *m)
{
	c->message = m;
	c->out = 0;
	c->sent_ns = 0;
	c->busy = true;
	http1_parse_start(&c->answer, m->head);
	if (c->link.connected)
		write_out(c);
	else
		net_link_open(&c->link);
}

int64_t http1_conn_sent_ns(const struct http1_conn *c)
{
	return c->sent_ns;
}

int64_t http1_conn_bytes(const struct http1_conn *c)
{
	return c->answer.body_bytes;
}
