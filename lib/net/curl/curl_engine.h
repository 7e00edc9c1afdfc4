/* Calls to a container engine (Docker's, or Podman's compatible one) over its Unix socket or a
 * loopback port, on libcurl and the loop. A call never blocks: it is started, and the loop brings
 * its answer. Each call has a connection of its own, so that none is
 * ever sent twice. */
#ifndef NET_CURL_ENGINE_H
#define NET_CURL_ENGINE_H

#include "base/err.h"
#include "sys/loop.h"

#include <stddef.h>
#include <stdint.h>

struct engine_call;

enum engine_answer { ENGINE_PENDING, ENGINE_ANSWERED, ENGINE_SILENT };

/* at: "unix:///run/docker.sock" or "tcp://127.0.0.1:2375", as engine_check has accepted it. The
 * caller frees. */
struct engine_call *engine_call_new(struct loop *l, const char *at);
void engine_call_free(struct engine_call *c); /* accepts NULL */

/* Checks that engine_call_new supports the address. -1 (EXIT_USAGE): unknown scheme, or not on this
 * machine. */
int engine_check(const char *at, struct err *e);

/* Starts a call and gives up one under way. path is the API's, without a version:
 * "/containers/json?all=1". */
void engine_call_start(struct engine_call *c, const char *method, const char *path,
		       int64_t timeout_ns);

/* The state of the last call. ENGINE_SILENT: the engine could not be reached or did not answer in
 * time; engine_call_error says why. */
enum engine_answer engine_call_step(const struct engine_call *c);

/* Of the last ENGINE_ANSWERED: the HTTP status, and the body, which is valid until the next start.
 */
int engine_call_status(const struct engine_call *c);
const char *engine_call_body(const struct engine_call *c);
const char *engine_call_bytes(const struct engine_call *c, size_t *len); /* the same, if it may hold zeros */

/* After ENGINE_SILENT: sets EXIT_RUNTIME with the address and a hint. Returns -1. */
int engine_call_error(const struct engine_call *c, struct err *e);

#endif
