/* What a container has written, as its engine kept it. */
#ifndef NET_CURL_ENGINE_LOGS_H
#define NET_CURL_ENGINE_LOGS_H

#include "base/buf.h"
#include "base/err.h"
#include "net/curl/curl_engine.h"

#include <stddef.h>
#include <stdint.h>

/* Starts a call for it, from a UNIX time on. */
void engine_logs_start(struct engine_call *c, const char *container, double since_s, int64_t timeout_ns);

/* Once that call is no longer pending: appends the last bytes of it, at most so many. -1 (EXIT_RUNTIME): the engine
 * did not answer, or has no such container. */
int engine_logs_take(const struct engine_call *c, const char *container, size_t most_bytes, struct buf *out,
		     struct err *e);

/* Both, on a loop of its own: waits for the engine, at most timeout_ns; at as of engine_call_new. */
int engine_logs(const char *at, const char *container, double since_s, size_t most_bytes, int64_t timeout_ns,
		struct buf *out, struct err *e);

#endif
