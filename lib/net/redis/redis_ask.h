/* A connection to a Redis server that waits for its answers: for programs that have nothing else to
 * do meanwhile. */
#ifndef NET_REDIS_ASK_H
#define NET_REDIS_ASK_H

#include "base/buf.h"
#include "base/err.h"
#include "net/redis/redis_wire.h"

#include <stdbool.h>
#include <stdint.h>

struct redis_ask;

/* Connects, and sends AUTH and SELECT as the URL says, which must outlive it. No wait is longer than timeout_ns. NULL on
 * error, with the reason: "connect to 127.0.0.1:6379: Connection refused". */
struct redis_ask *redis_ask_open(const struct redis_server *to, int64_t timeout_ns, struct err *e);
void redis_ask_close(struct redis_ask *a); /* accepts NULL */

/* Sends a command and puts the answer into the buffer: a text as it is, a number in digits, nothing
 * for nil; of a list every item, each with a newline behind it. -1 with the reason if the server
 * answers an error, which *refused tells, or the connection is lost, which then has to be closed. */
int redis_ask(struct redis_ask *a, int words, const char *const *texts, struct buf *answer, bool *refused,
	      struct err *e);

#endif
