#include "net/redis/redis_conn.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/net_error.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	/* The most that one answer may be. Those to a counter, PING and ROLE are far shorter. */
	ANSWER_BYTES_MAX = 256 * 1024,
	ANSWER_ITEMS_MAX = 4096, /* of all its arrays together */
	LONG = 64,		 /* how many times that for an answer which may be long */
};

#if HIREDIS_MAJOR >= 1
typedef size_t item_count;
#else
typedef int item_count;
#endif

struct redis_conn {
	struct net_link link;
	const struct redis_command *handshake;
	const struct redis_conn_events *events;
	void *arg;

	redisReader *reader;		     /* NULL until connected: a refused attempt is cheap */
	const struct redis_command *command; /* NULL: idle */
	struct redis_command own;
	const char *out; /* what is still to be written of handshake or command */
	size_t out_len;
	redisReplyObjectFunctions make; /* as the reader had them, but for new_array */
	void *(*make_array)(const redisReadTask *task, item_count n);
	size_t items;	    /* of the answer's arrays */
	int limit;	    /* times the most that an answer may be */
	bool subscribed;
	int handshake_left; /* answers to the handshake that are still to come */
	bool handshake_sent;
	int64_t sent_ns, bytes;
	redisReply *first; /* the answer to the first of several commands; the last one's is waited for */
	int answers;	   /* that have come */
	int replicas;
};

static void lose(struct redis_conn *c, enum error_class error, const char *detail)
{
	net_link_close(&c->link);
	c->events->lost(c->arg, error, detail);
}

static void lose_errno(struct redis_conn *c, int sys_errno)
{
	lose(c, net_error_class(sys_errno), strerror(sys_errno));
}

/* Selects the next bytes to write: the handshake, then the command. */
static bool next_piece(struct redis_conn *c)
{
	if (c->out_len)
		return true;
	if (!c->handshake_sent && c->handshake->len) {
		c->out = c->handshake->text;
		c->out_len = c->handshake->len;
		c->handshake_left = c->handshake->count;
	} else if (c->command && !c->sent_ns) {
		c->out = c->command->text;
		c->out_len = c->command->len;
		c->sent_ns = mono_ns();
	}
	c->handshake_sent = true;
	return c->out_len > 0;
}

/* Returns -1 after the connection was lost (and perhaps freed). */
static int write_out(struct redis_conn *c)
{
	while (next_piece(c)) {
		ssize_t n = send(c->link.fd, c->out, c->out_len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return net_link_watch(&c->link, LOOP_READ | LOOP_WRITE);
		if (n < 0) {
			lose_errno(c, errno);
			return -1;
		}
		c->out += n;
		c->out_len -= (size_t)n;
	}
	return net_link_watch(&c->link, LOOP_READ);
}

/* Makes room for the items of an array, unless they are too many: a server's number alone must cost
 * neither memory nor time. */
static void *new_array(const redisReadTask *task, item_count n)
{
	struct redis_conn *c = task->privdata;
	c->items = (task->parent ? c->items : 0) + (size_t)n;
	return c->items > (size_t)c->limit * ANSWER_ITEMS_MAX ? NULL : c->make_array(task, n);
}

static void reader_new(struct redis_conn *c)
{
	c->reader = redisReaderCreate();
	c->make = *c->reader->fn;
	c->make_array = c->make.createArray;
	c->make.createArray = new_array;
	c->reader->fn = &c->make;
	c->reader->privdata = c;
}

/* An answer to AUTH or SELECT. Returns -1 after the connection was lost. */
static int handshake_answer(struct redis_conn *c, const redisReply *reply)
{
	char detail[ERROR_DETAIL_MAX + 1];
	enum error_class error = redis_reply_class(reply, REDIS_ANSWER_ANY, detail);
	char *args = strstr(detail, ", with args");
	if (args)
		*args = '\0'; /* where AUTH is unknown, Redis repeats the password behind it */
	c->handshake_left--;
	if (error == ERROR_NONE || c->handshake->lenient)
		return 0;
	lose(c, error, detail);
	return -1;
}

/* The last answer has come: gives on the first, and notes what the last one says. */
static void give_on(struct redis_conn *c, redisReply *reply)
{
	redisReply *first = c->first;
	int64_t bytes = c->bytes;
	c->replicas = first && reply->type == REDIS_REPLY_INTEGER ? (int)reply->integer : -1;
	c->command = NULL;
	c->first = NULL;
	c->events->reply(c->arg, first ? first : reply, bytes);
	if (first)
		freeReplyObject(first);
}

/* Parses and reports one answer. Returns 1 after the callback, when c may be freed; 0 to go on; -1
 * after the connection was lost. */
static int take_reply(struct redis_conn *c, bool *more)
{
	void *got = NULL;
	*more = false;
	if (redisReaderGetReply(c->reader, &got) != REDIS_OK) {
		lose(c, ERROR_PROTOCOL,
		     c->items > (size_t)c->limit * ANSWER_ITEMS_MAX ? "the answer has too many items"
						 : c->reader->errstr);
		return -1;
	}
	if (!got)
		return 0;
	redisReply *reply = got;
	int rc = 0;
	if (c->handshake_left) {
		rc = handshake_answer(c, reply);
		*more = rc == 0;
	} else if (c->subscribed) {
		c->bytes = 0;
		c->events->reply(c->arg, reply, 0);
		*more = true;
	} else if (c->answers < c->command->before) {
		c->answers++;
		*more = true;
	} else if (++c->answers < c->command->count) {
		c->first = reply;
		*more = true;
		return 0;
	} else if (c->reader->pos < c->reader->len) {
		/* Which of them is the right one is unknown, and all later ones would be shifted.
		 */
		lose(c, ERROR_PROTOCOL, "more answers than requests");
		rc = -1;
	} else {
		give_on(c, reply);
		rc = 1;
	}
	freeReplyObject(reply);
	return rc;
}

static void read_in(struct redis_conn *c)
{
	char data[16384];
	ssize_t n = recv(c->link.fd, data, sizeof data, 0);
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
	if (!c->command || c->bytes > (int64_t)c->limit * ANSWER_BYTES_MAX) {
		lose(c, ERROR_PROTOCOL,
		     c->command ? "the answer is too long"
				: "an answer that nothing was asked for");
		return;
	}
	redisReaderFeed(c->reader, data, (size_t)n);
	for (bool more = true; more;)
		if (take_reply(c, &more))
			return;
}

static void connected(void *arg)
{
	struct redis_conn *c = arg;
	reader_new(c);
	write_out(c);
}

static void failed(void *arg, enum error_class error, const char *detail)
{
	lose(arg, error, detail);
}

static void ready(void *arg, int events)
{
	struct redis_conn *c = arg;
	if (events & LOOP_WRITE && write_out(c))
		return;
	if (events & LOOP_ERROR &&
	    net_link_watch(&c->link, LOOP_READ)) /* the read reports the error */
		return;
	if (events & (LOOP_READ | LOOP_ERROR))
		read_in(c);
}

static const struct net_link_events link_events = {
	.connected = connected, .failed = failed, .ready = ready};

struct redis_conn *redis_conn_new(struct net_dialer *d, const struct net_addrs *addrs,
				  const struct redis_command *handshake,
				  const struct redis_conn_events *events, void *arg)
{
	struct redis_conn *c = mem_alloc(sizeof *c);
	*c = (struct redis_conn){.handshake = handshake, .events = events, .arg = arg, .limit = 1};
	net_link_init(&c->link, d, addrs, &link_events, c);
	return c;
}

void redis_conn_free(struct redis_conn *c)
{
	if (!c)
		return;
	net_link_close(&c->link);
	if (c->first)
		freeReplyObject(c->first);
	if (c->reader)
		redisReaderFree(c->reader);
	redis_command_release(&c->own);
	free(c);
}

void redis_conn_send(struct redis_conn *c, const struct redis_command *command)
{
	c->command = command;
	c->answers = 0;
	c->sent_ns = 0;
	c->bytes = 0;
	if (c->link.connected)
		write_out(c);
	else if (c->link.fd < 0)
		net_link_open(&c->link);
}

void redis_conn_subscribe(struct redis_conn *c, const struct redis_command *command)
{
	c->subscribed = true;
	redis_conn_send(c, command);
}

void redis_conn_allow_long(struct redis_conn *c)
{
	c->limit = LONG;
}

struct redis_command *redis_conn_own(struct redis_conn *c)
{
	return &c->own;
}

void redis_conn_take(struct redis_conn *c, int fd, const struct redis_command *command)
{
	c->link.fd = fd;
	c->link.connected = true;
	reader_new(c);
	redis_conn_send(c, command);
}

int64_t redis_conn_sent_ns(const struct redis_conn *c)
{
	return c->sent_ns;
}

int64_t redis_conn_bytes(const struct redis_conn *c)
{
	return c->bytes;
}

int redis_conn_replicas(const struct redis_conn *c)
{
	return c->replicas;
}

bool redis_conn_connected(const struct redis_conn *c)
{
	return c->link.connected;
}
