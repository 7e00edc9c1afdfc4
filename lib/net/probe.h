/* Health checks of a server over the network. A probe never blocks: it runs on the event loop. A
 * paused server accepts connections and never answers, so every attempt has a timeout. */
#ifndef NET_PROBE_H
#define NET_PROBE_H

#include "sys/loop.h"
#include "url/url.h"

#include <stdbool.h>
#include <stdint.h>

enum probe_kind {
	PROBE_HTTP_GET,	     /* GET path answers with a status below 400 */
	PROBE_REDIS_PING,    /* PING answers PONG */
	PROBE_REDIS_REPLICA, /* it is a replica whose link to its master is up */
	PROBE_TCP,	     /* it accepts a connection */
};

enum probe_answer { PROBE_PENDING, PROBE_YES, PROBE_NO };

struct probe;

/* A probe of that server; path is used by PROBE_HTTP_GET alone. Both are copied. The caller frees.
 */
struct probe *probe_new(struct loop *l, enum probe_kind kind, const struct url *at,
			const char *path);
void probe_free(struct probe *p); /* accepts NULL */

/* Starts an attempt and gives up one under way. */
void probe_start(struct probe *p, int64_t timeout_ns);

/* How the last attempt stands. */
enum probe_answer probe_step(const struct probe *p);

/* Why the last answer was PROBE_NO, as a phrase: "Connection refused", "status 503". */
const char *probe_why(const struct probe *p);

/* The HTTP status of the last answer; 0: there is none. */
int probe_status(const struct probe *p);

/* True if the server sent any answer in the last attempt, even a wrong one. An accepted connection
 * is no answer: the kernel accepts for a paused server. */
bool probe_heard(const struct probe *p);

/* True if the last attempt that ended failed for want of descriptors, ports or memory here, which says nothing
 * of the server. */
bool probe_local(const struct probe *p);

/* The role in the last answer to ROLE (PROBE_REDIS_REPLICA), also if the result was PROBE_NO:
 * "master", "slave"; "" if there was none. */
const char *probe_role(const struct probe *p);

#endif
