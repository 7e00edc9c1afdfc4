/* One connection to a Redis server, one command at a time. hiredis formats and parses; the
 * socket is ours, because hiredis' own event hooks lose the errno of a refused or reset connection.
 */
#ifndef NET_REDIS_CONN_H
#define NET_REDIS_CONN_H

#include "net/link.h"
#include "net/redis/redis_words.h"

#include <stdbool.h>
#include <stdint.h>

struct redis_conn;

struct redis_conn_events {
	/* The answer to the command under way, of several the first; reply is freed after the call. bytes: its length
	 * on the wire. The connection may be used again or freed in it. */
	void (*reply)(void *arg, const struct redisReply *reply, int64_t bytes);
	/* The connection is lost: free it. Called at most once, also while idle. */
	void (*lost)(void *arg, enum error_class error, const char *detail);
};

/* A connection that is not open yet. dialer, addrs (not empty;
 * NULL for redis_conn_take) and handshake must outlive it. */
struct redis_conn *redis_conn_new(struct net_dialer *d, const struct net_addrs *addrs,
				  const struct redis_command *handshake,
				  const struct redis_conn_events *events, void *arg);
void redis_conn_free(struct redis_conn *c); /* allowed in its events; accepts NULL */

/* Sends a command; the first one opens the connection, to each address in turn until one
 * takes it. One at a time; the text must live until the answer. May call lost before it returns. */
void redis_conn_send(struct redis_conn *c, const struct redis_command *command);

/* For SUBSCRIBE: each further message is an answer, too. In these calls of reply the connection stays as it is. */
void redis_conn_subscribe(struct redis_conn *c, const struct redis_command *command);

/* Answers may be long: a description of a big system. */
void redis_conn_allow_long(struct redis_conn *c);

/* For a command that is made for one sending: the connection's to release; the caller fills it. */
struct redis_command *redis_conn_own(struct redis_conn *c);

/* The same on a socket that is connected already, which is the connection's from now on. */
void redis_conn_take(struct redis_conn *c, int fd, const struct redis_command *command);

/* When the command under way was written, monotonic; 0 if it is not. */
int64_t redis_conn_sent_ns(const struct redis_conn *c);
/* That have come in since. */
int64_t redis_conn_bytes(const struct redis_conn *c);
/* What WAIT, as the last of several commands, answered; negative if there was none or no number. */
int redis_conn_replicas(const struct redis_conn *c);
bool redis_conn_connected(const struct redis_conn *c);

#endif
