/* One connection to a Redis server, with one command under way or, in a pipeline, several. hiredis formats and parses;
 * the socket is ours, because hiredis' own event hooks lose the errno of a refused or reset connection.
 */
#ifndef NET_REDIS_CONN_H
#define NET_REDIS_CONN_H

#include "net/redis/redis_pipe.h"
#include "net/redis/redis_wire.h"
#include "net/redis/redis_words.h"

#include <stdbool.h>
#include <stdint.h>

struct redis_conn;

/* What is known of an answer beside what it says. */
struct redis_arrival {
	void *of;      /* whose command it answers; NULL: nobody's */
	int64_t bytes; /* its length on the wire */
	int64_t at_ns; /* when it came: monotonic */
	int replicas;  /* what WAIT, as the last of several commands, answered; negative: there was none, or no number */
};

struct redis_conn_events {
	/* The answer to the oldest command, of several in one the first; both live for the call. The connection may be
	 * used again or freed in it. */
	void (*reply)(void *arg, const struct redisReply *reply, const struct redis_arrival *how);
	/* It is open: the next thing it does is to ask and answer. NULL: nobody wants to know. */
	void (*open)(void *arg);
	/* The connection is lost: free it. Called at most once, also while idle. */
	void (*lost)(void *arg, enum error_class error, const char *detail);
};

/* A connection that is not open yet, with room for that number of commands. dialer and handshake must outlive it. */
struct redis_conn *redis_conn_new(struct net_dialer *d, const struct redis_server *to,
				  const struct redis_command *handshake,
				  const struct redis_conn_events *events, void *arg, int depth);
void redis_conn_free(struct redis_conn *c); /* allowed in its events; accepts NULL */

/* Where commands are added that go out with the next redis_conn_flush, and given up. */
struct redis_pipe *redis_conn_pipe(struct redis_conn *c);
/* Sends what was added; the first command opens the connection, to each address in turn until one takes it. May call
 * lost before it returns. */
void redis_conn_flush(struct redis_conn *c);

/* Adds a command that is nobody's, and sends it. */
void redis_conn_send(struct redis_conn *c, const struct redis_command *command);

/* For SUBSCRIBE: each further message is an answer, too. In these calls of reply the connection stays as it is. */
void redis_conn_subscribe(struct redis_conn *c, const struct redis_command *command);

/* Answers may be long: a description of a big system. */
void redis_conn_allow_long(struct redis_conn *c);

/* That have come in. */
int64_t redis_conn_bytes(const struct redis_conn *c);
bool redis_conn_connected(const struct redis_conn *c);
/* Whether the server has accepted the connection, which is being secured. */
bool redis_conn_securing(const struct redis_conn *c);

#endif
