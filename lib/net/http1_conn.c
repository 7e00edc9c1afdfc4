#include "net/http1_conn.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/http1_parse.h"
#include "net/net_error.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_BYTES = 16384,
	READS_MAX = 16, /* in one go, before others get a turn */
};

struct http1_conn {
	struct loop *loop;
	const struct net_addrs *addrs;
	const struct http1_conn_events *events;
	void *arg;
	struct http1_spare *spare;
	int fd; /* -1: not open */
	struct loop_fd *watch;
	int watched; /* events as last set */
	size_t addr; /* the one being tried, or connected to */
	bool connected;
	bool used; /* it has carried a request before this one */
	bool busy; /* a request is under way */
	const struct http1_message *message;
	size_t out; /* bytes of it that are out */
	int64_t sent_ns;
	enum sample_error error; /* of the attempts so far: the first that is not our own limit */
	char detail[SAMPLE_DETAIL_MAX + 1];
	struct http1_parse answer;
};

static void hang_up(struct http1_conn *c)
{
	loop_fd_free(c->watch);
	c->watch = NULL;
	c->watched = 0;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->connected = false;
}

void http1_spare_init(struct http1_spare *s)
{
	*s = (struct http1_spare){.fd = -1};
}

void http1_spare_release(struct http1_spare *s)
{
	if (s->fd >= 0)
		close(s->fd);
	http1_spare_init(s);
}

static void put_aside(struct http1_conn *c)
{
	if (c->spare->fd >= 0 || c->watch)
		return;
	c->spare->fd = c->fd;
	c->spare->family = c->addrs->list[c->addr].sa.ss_family;
	c->fd = -1;
}

static int open_socket(struct http1_conn *c, int family)
{
	int fd = c->spare->fd;
	if (fd < 0 || c->spare->family != family)
		return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	c->spare->fd = -1;
	return fd;
}

static void lose(struct http1_conn *c, enum sample_error error, const char *detail)
{
	hang_up(c);
	c->events->lost(c->arg, error, detail, c->answer.body_bytes);
}

/* The other side is gone. On a connection that was kept open the request may have been
 * taken and done, or never been seen: nobody knows, so that it is not sent again. */
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

/* Returns -1 if there is no room in the loop. */
static int watch_for(struct http1_conn *c, int events);

static void note_failure(struct http1_conn *c, int sys_errno)
{
	char where[NET_ADDR_TEXT];
	enum sample_error error = net_error_class(sys_errno);
	if (c->error != ERROR_NONE && c->error != ERROR_LOCAL)
		return;
	c->error = error;
	snprintf(c->detail, sizeof c->detail, "connect to %s: %s",
		 net_addr_text(&c->addrs->list[c->addr], where), strerror(sys_errno));
}

static void try_address(struct http1_conn *c);

/* One address would not have us: the next, or the end. */
static void next_address(struct http1_conn *c, int sys_errno)
{
	note_failure(c, sys_errno);
	if (sys_errno == ECONNREFUSED && c->fd >= 0)
		put_aside(c);
	hang_up(c);
	if (++c->addr < c->addrs->count)
		try_address(c);
	else
		lose(c, c->error, c->detail);
}

static void now_connected(struct http1_conn *c)
{
	int on = 1;
	c->connected = true;
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* The kept connection turned out to be dead before a byte of the request went out: a new one is
 * no second sending. */
static void reopen(struct http1_conn *c)
{
	hang_up(c);
	c->addr = 0;
	c->used = false;
	c->error = ERROR_NONE;
	try_address(c);
}

/* Writes as much as goes out. May lose the connection. */
static void write_out(struct http1_conn *c)
{
	const struct http1_message *m = c->message;
	while (c->out < m->len) {
		int64_t now = c->sent_ns ? 0 : mono_ns();
		ssize_t n = send(c->fd, m->text + c->out, m->len - c->out, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			if (watch_for(c, LOOP_READ | LOOP_WRITE))
				lose(c, ERROR_LOCAL, "no room in the event loop");
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
	if (watch_for(c, LOOP_READ))
		lose(c, ERROR_LOCAL, "no room in the event loop");
}

static void answer_ended(struct http1_conn *c, bool excess)
{
	bool keep = c->answer.keep_alive && !excess && c->out == c->message->len;
	c->busy = false;
	c->used = true;
	if (!keep)
		hang_up(c);
	c->events->answered(c->arg, c->answer.status, c->answer.body_bytes, keep);
}

/* Returns true if the connection waits for more. */
static bool take_in(struct http1_conn *c, const char *data, size_t len)
{
	if (!c->busy) { /* words that nothing was asked for */
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
		ssize_t n = recv(c->fd, data, sizeof data, 0);
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

/* Asks how the connect has gone on, by connecting again: which leaves a socket that was
 * refused fit for another attempt. */
static void go_on_connecting(struct http1_conn *c)
{
	const struct net_addr *a = &c->addrs->list[c->addr];
	if (!connect(c->fd, (const struct sockaddr *)&a->sa, a->len) || errno == EISCONN) {
		now_connected(c);
		write_out(c);
	} else if (errno != EALREADY && errno != EINPROGRESS && errno != EINTR) {
		next_address(c, errno);
	} else if (watch_for(c, LOOP_WRITE)) {
		lose(c, ERROR_LOCAL, "no room in the event loop");
	}
}

static void fd_ready(void *arg, int events)
{
	struct http1_conn *c = arg;
	if (events & LOOP_ERROR)
		c->watched = 0;
	if (!c->connected) {
		go_on_connecting(c);
		return;
	}
	/* What has come in first: a server may answer before it has read all, and close. */
	if (events & (LOOP_READ | LOOP_ERROR)) {
		if (events & LOOP_ERROR && watch_for(c, LOOP_READ))
			lose(c, ERROR_LOCAL, "no room in the event loop");
		else
			read_in(c);
		return;
	}
	if (events & LOOP_WRITE)
		write_out(c);
}

static int watch_for(struct http1_conn *c, int events)
{
	struct err e;
	if (!c->watch)
		c->watch = loop_fd_new(c->loop, c->fd, fd_ready, c, &e);
	if (!c->watch)
		return -1;
	if (c->watched != events)
		loop_fd_set(c->watch, events);
	c->watched = events;
	return 0;
}

static void try_address(struct http1_conn *c)
{
	const struct net_addr *a = &c->addrs->list[c->addr];
	c->fd = open_socket(c, a->sa.ss_family);
	if (c->fd < 0 ||
	    (connect(c->fd, (const struct sockaddr *)&a->sa, a->len) && errno != EINPROGRESS))
		next_address(c, errno);
	else /* a near network has answered by now: no turn of the loop for a dead node */
		go_on_connecting(c);
}

struct http1_conn *http1_conn_new(struct loop *l, const struct net_addrs *addrs,
				  struct http1_spare *spare, const struct http1_conn_events *events,
				  void *arg)
{
	struct http1_conn *c = mem_alloc(sizeof *c);
	c->spare = spare;
	c->loop = l;
	c->addrs = addrs;
	c->events = events;
	c->arg = arg;
	c->fd = -1;
	return c;
}

void http1_conn_free(struct http1_conn *c)
{
	if (!c)
		return;
	hang_up(c);
	free(c);
}

void http1_conn_send(struct http1_conn *c, const struct http1_message *m)
{
	c->message = m;
	c->out = 0;
	c->sent_ns = 0;
	c->busy = true;
	http1_parse_start(&c->answer, m->head);
	if (c->connected)
		write_out(c);
	else
		try_address(c);
}

int64_t http1_conn_sent_ns(const struct http1_conn *c)
{
	return c->sent_ns;
}

int64_t http1_conn_bytes(const struct http1_conn *c)
{
	return c->answer.body_bytes;
}
