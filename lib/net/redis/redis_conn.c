#include "net/redis/redis_conn.h"

#include "base/buf.h"
#include "base/clock.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* The most that one answer may be. Those to a counter, PING and ROLE are far shorter. */
	ANSWER_BYTES_MAX = 256 * 1024,
	ANSWER_ITEMS_MAX = 4096, /* of all its arrays together */
	LONG = 64,		 /* how many times that for an answer which may be long */
	READS_MAX = 16, /* per loop iteration */
};

#if HIREDIS_MAJOR >= 1
typedef size_t item_count;
#else
typedef int item_count;
#endif

struct redis_conn {
	struct redis_wire wire; /* first: its events get it */
	const struct redis_command *handshake;
	const struct redis_conn_events *events;
	void *arg;

	redisReader *reader; /* NULL until connected: a refused attempt is cheap */
	struct redis_pipe pipe;
	const char *out; /* what is still to be written of handshake or commands */
	size_t out_len;
	redisReplyObjectFunctions make; /* as the reader had them, but for new_array */
	void *(*make_array)(const redisReadTask *task, item_count n);
	size_t items; /* of the answer's arrays */
	int limit;    /* times the most that an answer may be */
	bool subscribed;
	int handshake_left; /* answers to the handshake that are still to come */
	bool handshake_sent;
	int64_t came, taken; /* bytes: in all, and of these up to the end of the last answer */
	int64_t came_ns;
	char *rest; /* of what has come, what the reader has not got yet */
	size_t rest_len;
	redisReply *first;   /* the answer to the first of several commands; the last one's is waited for */
	int answers;	     /* to the command at the head, that have come */
	bool taking, freed; /* taking: answers are being given on, and the memory goes when that is over */
};

static void lose(struct redis_conn *c, enum error_class error, const char *detail)
{
	char text[ERROR_DETAIL_MAX + 1]; /* the detail may be the wire's */
	snprintf(text, sizeof text, "%s", detail);
	redis_wire_close(&c->wire);
	c->events->lost(c->arg, error, text);
}

/* Selects the next bytes to write: the handshake, then the commands. */
static bool next_piece(struct redis_conn *c)
{
	if (c->out_len)
		return true;
	if (!c->handshake_sent && c->handshake->len) {
		c->out = c->handshake->text;
		c->out_len = c->handshake->len;
		c->handshake_left = c->handshake->count;
	} else {
		c->out = redis_pipe_next(&c->pipe, &c->out_len);
	}
	c->handshake_sent = true;
	return c->out_len > 0;
}

/* Returns -1 after the connection was lost (and perhaps freed). */
static int write_out(struct redis_conn *c)
{
	enum error_class error;
	const char *why;
	while (next_piece(c)) {
		ssize_t n = redis_wire_write(&c->wire, c->out, c->out_len, &error, &why);
		if (n < 0 && error == ERROR_NONE)
			return net_link_watch(&c->wire.link, LOOP_READ | LOOP_WRITE);
		if (n < 0) {
			lose(c, error, why);
			return -1;
		}
		c->out += n;
		c->out_len -= (size_t)n;
	}
	return net_link_watch(&c->wire.link, LOOP_READ);
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
	const char *detail;
	char text[ERROR_DETAIL_MAX + 1];
	enum error_class error = redis_reply_class(reply, REDIS_ANSWER_ANY, &detail);
	c->handshake_left--;
	if (error == ERROR_NONE || c->handshake->lenient)
		return 0;
	const char *args = strstr(detail, ", with args"); /* where AUTH is unknown, Redis repeats the password behind it */
	snprintf(text, sizeof text, "%.*s", args ? (int)(args - detail) : ERROR_DETAIL_MAX, detail);
	lose(c, error, text);
	return -1;
}

/* The length of what was parsed since the last time. */
static int64_t length_taken(struct redis_conn *c)
{
	int64_t upto = c->came - (int64_t)(c->rest_len + c->reader->len - c->reader->pos), bytes = upto - c->taken;
	c->taken = upto;
	return bytes;
}

/* The last answer to the command at the head has come: gives on the first, and notes what the last one says. */
static void give_on(struct redis_conn *c, redisReply *reply)
{
	redisReply *first = c->first;
	const struct redis_flight *f = redis_pipe_take(&c->pipe);
	const struct redis_arrival how = {
		.of = f->of,
		.bytes = length_taken(c),
		.at_ns = c->came_ns,
		.replicas = first && reply->type == REDIS_REPLY_INTEGER ? (int)reply->integer : -1,
	};
	c->answers = 0;
	c->first = NULL;
	if (!f->given_up)
		c->events->reply(c->arg, first ? first : reply, &how);
	if (first)
		freeReplyObject(first);
}

/* An answer to a command. Returns -1 after the connection was lost. *kept: it is the first of several. */
static int take_answer(struct redis_conn *c, redisReply *reply, bool *kept)
{
	const struct redis_command *command = redis_pipe_oldest(&c->pipe);
	if (!command) {
		lose(c, ERROR_PROTOCOL, "an answer that nothing was asked for");
		return -1;
	}
	if (c->answers + 1 < command->count) {
		*kept = c->answers++ >= command->before;
		c->first = *kept ? reply : c->first;
		return 0;
	}
	if (redis_pipe_waiting(&c->pipe) == 1 && c->rest_len + c->reader->len > c->reader->pos) {
		/* Which of them is the right one is unknown, and all later ones would be shifted. */
		lose(c, ERROR_PROTOCOL, "more answers than requests");
		return -1;
	}
	give_on(c, reply);
	return 0;
}

/* Parses one answer. Returns 1 if there was one, when c may be freed; 0: not all of it; -1 after the connection was
 * lost. */
static int take_reply(struct redis_conn *c)
{
	void *got = NULL;
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
	bool kept = false;
	if (c->handshake_left || c->subscribed)
		length_taken(c);
	if (c->handshake_left)
		rc = handshake_answer(c, reply);
	else if (c->subscribed)
		c->events->reply(c->arg, reply, &(struct redis_arrival){.at_ns = c->came_ns});
	else
		rc = take_answer(c, reply, &kept);
	if (!kept)
		freeReplyObject(reply);
	return rc ? rc : 1;
}

/* The same of an answer as most are, without memory for it. 0: it is another one, or not whole. */
static int take_short(struct redis_conn *c)
{
	redisReply reply;
	bool kept;
	const struct redis_command *command = redis_pipe_oldest(&c->pipe);
	if (!c->rest_len || c->handshake_left || c->subscribed || !command || command->count > 1 || c->reader->ridx >= 0 ||
	    c->reader->pos < c->reader->len)
		return 0;
	size_t len = redis_reply_short(c->rest, c->rest_len, &reply);
	if (!len)
		return 0;
	c->rest += len;
	c->rest_len -= len;
	return take_answer(c, &reply, &kept) ? -1 : 1;
}

static void feed(struct redis_conn *c)
{
	if (c->rest_len)
		redisReaderFeed(c->reader, c->rest, c->rest_len);
	c->rest_len = 0;
}

static void destroy(struct redis_conn *c)
{
	if (c->first)
		freeReplyObject(c->first);
	if (c->reader)
		redisReaderFree(c->reader);
	redis_pipe_release(&c->pipe);
	free(c);
}

/* Bytes that have come in. Returns -1 if c is lost or freed. */
static int take_in(struct redis_conn *c, char *data, size_t n)
{
	int rc;
	c->came += (int64_t)n;
	c->came_ns = mono_ns();
	if (!redis_pipe_oldest(&c->pipe) && !c->handshake_left) {
		lose(c, ERROR_PROTOCOL, "an answer that nothing was asked for");
		return -1;
	}
	if (c->came - c->taken > (int64_t)c->limit * ANSWER_BYTES_MAX) {
		lose(c, ERROR_PROTOCOL, "the answer is too long");
		return -1;
	}
	c->rest = data;
	c->rest_len = n;
	c->taking = true;
	do {
		rc = take_short(c);
		if (rc)
			continue;
		feed(c);
		rc = take_reply(c);
	} while (rc == 1 && !c->freed);
	c->taking = false;
	if (!c->freed)
		return rc;
	destroy(c);
	return -1;
}

static void read_in(struct redis_conn *c)
{
	char data[16384];
	enum error_class error;
	const char *why;
	for (int reads = 0; reads < READS_MAX; reads++) {
		ssize_t n = redis_wire_read(&c->wire, data, sizeof data, &error, &why);
		if (n < 0 && error != ERROR_NONE)
			lose(c, error, why);
		if (n == 0)
			lose(c, ERROR_CLOSED, "connection closed by the server");
		if (n <= 0 || take_in(c, data, (size_t)n) || !redis_wire_more(&c->wire, (size_t)n, sizeof data))
			return;
	}
}

static void connected(void *arg)
{
	struct redis_conn *c = arg;
	reader_new(c);
	if (!write_out(c) && c->events->open)
		c->events->open(c->arg);
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
	    net_link_watch(&c->wire.link, LOOP_READ)) /* the read reports the error */
		return;
	if (events & (LOOP_READ | LOOP_ERROR))
		read_in(c);
}

static const struct net_link_events wire_events = {
	.connected = connected, .failed = failed, .ready = ready};

struct redis_conn *redis_conn_new(struct net_dialer *d, const struct redis_server *to,
				  const struct redis_command *handshake,
				  const struct redis_conn_events *events, void *arg, int depth)
{
	struct redis_conn *c = mem_alloc(sizeof *c);
	*c = (struct redis_conn){.handshake = handshake,
				 .events = events,
				 .arg = arg,
				 .limit = 1};
	redis_pipe_init(&c->pipe, depth);
	redis_wire_init(&c->wire, d, to, &wire_events, c);
	return c;
}

void redis_conn_free(struct redis_conn *c)
{
	if (!c)
		return;
	redis_wire_close(&c->wire);
	if (c->taking)
		c->freed = true;
	else
		destroy(c);
}

void redis_conn_flush(struct redis_conn *c)
{
	if (c->wire.link.connected)
		write_out(c);
	else
		redis_wire_open(&c->wire);
}

void redis_conn_send(struct redis_conn *c, const struct redis_command *command)
{
	redis_pipe_add(&c->pipe, command, NULL, NULL);
	redis_conn_flush(c);
}

void redis_conn_subscribe(struct redis_conn *c, const struct redis_command *command)
{
	c->subscribed = true;
	redis_conn_send(c, command);
}

struct redis_pipe *redis_conn_pipe(struct redis_conn *c)
{
	return &c->pipe;
}

void redis_conn_allow_long(struct redis_conn *c)
{
	c->limit = LONG;
}

int64_t redis_conn_bytes(const struct redis_conn *c)
{
	return c->came;
}

bool redis_conn_connected(const struct redis_conn *c)
{
	return c->wire.link.connected;
}

bool redis_conn_securing(const struct redis_conn *c)
{
	return redis_wire_securing(&c->wire);
}
