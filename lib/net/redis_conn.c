#include "net/redis_conn.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/net_error.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct redis_conn {
	struct loop *loop;
	const struct net_addrs *addrs;
	const struct redis_command *hello;
	const struct redis_conn_events *events;
	void *arg;

	int fd; /* -1: not open */
	struct loop_fd *watch;
	int watched; /* events as last set */
	size_t addr; /* the one being tried, or connected to */
	bool connected;
	enum sample_error error; /* of the attempts so far: the first that is not our own limit */
	char detail[SAMPLE_DETAIL_MAX + 1];

	redisReader *reader;		     /* NULL until connected: a refused attempt is cheap */
	const struct redis_command *command; /* NULL: idle */
	const char *out;		     /* what is still to be written of hello or command */
	size_t out_len;
	int hello_left; /* answers to the hello that are still to come */
	bool hello_said;
	int64_t sent_ns, bytes;
};

static void try_address(struct redis_conn *c);

static void watch_for(struct redis_conn *c, int events)
{
	if (c->watched == events)
		return;
	c->watched = events;
	loop_fd_set(c->watch, events);
}

static void hang_up(struct redis_conn *c)
{
	loop_fd_free(c->watch);
	c->watch = NULL;
	c->watched = 0;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->connected = false;
}

static void lose(struct redis_conn *c, enum sample_error error, const char *detail)
{
	hang_up(c);
	c->events->lost(c->arg, error, detail);
}

static void lose_errno(struct redis_conn *c, int sys_errno)
{
	lose(c, net_error_class(sys_errno), strerror(sys_errno));
}

/* Takes the next piece that is to be written: the hello, then the command. */
static bool next_piece(struct redis_conn *c)
{
	if (c->out_len)
		return true;
	if (!c->hello_said && c->hello->len) {
		c->out = c->hello->text;
		c->out_len = c->hello->len;
		c->hello_left = c->hello->count;
	} else if (c->command && !c->sent_ns) {
		c->out = c->command->text;
		c->out_len = c->command->len;
		c->sent_ns = mono_ns();
	}
	c->hello_said = true;
	return c->out_len > 0;
}

/* Returns -1 after the connection was lost (and perhaps freed). */
static int write_out(struct redis_conn *c)
{
	while (next_piece(c)) {
		ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			watch_for(c, LOOP_READ | LOOP_WRITE);
			return 0;
		}
		if (n < 0) {
			lose_errno(c, errno);
			return -1;
		}
		c->out += n;
		c->out_len -= (size_t)n;
	}
	watch_for(c, LOOP_READ);
	return 0;
}

/* An answer to AUTH or SELECT. Returns -1 after the connection was lost. */
static int hello_answer(struct redis_conn *c, const redisReply *reply)
{
	char detail[SAMPLE_DETAIL_MAX + 1];
	enum sample_error error = redis_reply_class(reply, detail);
	c->hello_left--;
	if (error == ERROR_NONE)
		return 0;
	lose(c, error, detail);
	return -1;
}

/* Hands out one answer. Returns 1 if there was one and nothing more may be
 * touched, 0 to go on, -1 after the connection was lost. */
static int take_reply(struct redis_conn *c, bool *more)
{
	void *got = NULL;
	*more = false;
	if (redisReaderGetReply(c->reader, &got) != REDIS_OK) {
		lose(c, ERROR_PROTOCOL, c->reader->errstr);
		return -1;
	}
	if (!got)
		return 0;
	redisReply *reply = got;
	int rc = 0;
	if (c->hello_left) {
		rc = hello_answer(c, reply);
		*more = rc == 0;
	} else if (!c->command) {
		lose(c, ERROR_PROTOCOL, "an answer that nothing was asked for");
		rc = -1;
	} else {
		int64_t bytes = c->bytes;
		c->command = NULL;
		c->events->reply(c->arg, reply, bytes);
		rc = 1;
	}
	freeReplyObject(reply);
	return rc;
}

static void read_in(struct redis_conn *c)
{
	char data[16384];
	ssize_t n = recv(c->fd, data, sizeof data, 0);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			lose_errno(c, errno);
		return;
	}
	if (n == 0) {
		lose(c, ERROR_CLOSED, "connection closed by the server");
		return;
	}
	c->bytes += n;
	redisReaderFeed(c->reader, data, (size_t)n);
	for (bool more = true; more;)
		if (take_reply(c, &more))
			return;
}

static void note_failure(struct redis_conn *c, int sys_errno)
{
	char where[NET_ADDR_TEXT];
	enum sample_error error = net_error_class(sys_errno);
	if (c->error != ERROR_NONE && c->error != ERROR_LOCAL)
		return;
	c->error = error;
	snprintf(c->detail, sizeof c->detail, "connect to %s: %s",
		 net_addr_text(&c->addrs->list[c->addr], where), strerror(sys_errno));
}

/* One address would not have us: the next, or the end. */
static void next_address(struct redis_conn *c, int sys_errno)
{
	note_failure(c, sys_errno);
	hang_up(c);
	if (++c->addr < c->addrs->count)
		try_address(c);
	else
		lose(c, c->error, c->detail);
}

static int socket_error(int fd)
{
	int sys_errno = 0;
	socklen_t len = sizeof sys_errno;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys_errno, &len) ? errno : sys_errno;
}

static void connect_ended(struct redis_conn *c)
{
	int sys_errno = socket_error(c->fd), on = 1;
	if (sys_errno) {
		next_address(c, sys_errno);
		return;
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	c->connected = true;
	c->reader = redisReaderCreate();
	write_out(c);
}

static void fd_ready(void *arg, int events)
{
	struct redis_conn *c = arg;
	if (events & LOOP_ERROR)
		c->watched = 0; /* read and write will say what it is */
	if (!c->connected) {
		connect_ended(c);
		return;
	}
	if (events & LOOP_WRITE && write_out(c))
		return;
	if (events & LOOP_ERROR)
		watch_for(c, LOOP_READ);
	if (events & (LOOP_READ | LOOP_ERROR))
		read_in(c);
}

static void try_address(struct redis_conn *c)
{
	const struct net_addr *a = &c->addrs->list[c->addr];
	struct err e;
	c->fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0) {
		next_address(c, errno);
		return;
	}
	if (connect(c->fd, (const struct sockaddr *)&a->sa, a->len) && errno != EINPROGRESS) {
		next_address(c, errno);
		return;
	}
	int refused = socket_error(c->fd); /* a near host has answered by now */
	if (refused) {
		next_address(c, refused);
		return;
	}
	c->watch = loop_fd_new(c->loop, c->fd, fd_ready, c, &e);
	if (!c->watch) {
		next_address(c, e.sys_errno);
		return;
	}
	watch_for(c, LOOP_WRITE);
}

struct redis_conn *redis_conn_new(struct loop *l, const struct net_addrs *addrs,
				  const struct redis_command *hello,
				  const struct redis_conn_events *events, void *arg)
{
	struct redis_conn *c = mem_alloc(sizeof *c);
	*c = (struct redis_conn){.loop = l,
				 .addrs = addrs,
				 .hello = hello,
				 .events = events,
				 .arg = arg,
				 .fd = -1,
				 .error = ERROR_NONE};
	return c;
}

void redis_conn_free(struct redis_conn *c)
{
	if (!c)
		return;
	hang_up(c);
	if (c->reader)
		redisReaderFree(c->reader);
	free(c);
}

void redis_conn_send(struct redis_conn *c, const struct redis_command *command)
{
	c->command = command;
	c->sent_ns = 0;
	c->bytes = 0;
	if (c->connected)
		write_out(c);
	else if (c->fd < 0)
		try_address(c);
}

int64_t redis_conn_sent_ns(const struct redis_conn *c)
{
	return c->sent_ns;
}

bool redis_conn_connected(const struct redis_conn *c)
{
	return c->connected;
}
