/* What a container has written, as its engine kept it. */
#ifndef NET_CURL_ENGINE_LOGS_H
#define NET_CURL_ENGINE_LOGS_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Appends the last bytes of it, at most so many, from a UNIX time on; at as of engine_call_new. Waits for the
 * engine, at most timeout_ns. -1 (EXIT_RUNTIME): it did not answer, or has no such container. */
int engine_logs(const char *at, const char *container, double since_s, size_t most_bytes, int64_t timeout_ns,
		struct buf *out, struct err *e);

#endif
