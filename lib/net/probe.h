/* One-shot looks at a server from outside: does it answer as it should? A probe never
 * blocks: it is started, and the loop brings its answer. A paused server takes connections and
 * never answers, so every probe has a timeout. */
#ifndef NET_PROBE_H
#define NET_PROBE_H

#include "base/url.h"
#include "sys/loop.h"

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

/* Starts an attempt, giving up the one that may be under way. A host that is not numeric and not
 * "localhost" is looked up here, which is the one thing that may take time. */
void probe_start(struct probe *p, int64_t timeout_ns);

/* How the last attempt stands. */
enum probe_answer probe_step(const struct probe *p);

/* Why the last answer was PROBE_NO, as a phrase: "Connection refused", "status 503". */
const char *probe_why(const struct probe *p);

/* True if the last attempt got any answer of the server's, be it not the one asked for: something
 * is at work there. A connection alone is none: a paused server's is made by its kernel. */
bool probe_heard(const struct probe *p);

/* What the server called itself in its last answer to PROBE_REDIS_REPLICA, also to one that was
 * PROBE_NO: "master", "slave"; "" if it did not say. */
const char *probe_role(const struct probe *p);

#endif
