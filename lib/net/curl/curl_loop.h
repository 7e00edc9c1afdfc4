/* Runs libcurl transfers on our event loop. Easy handles pass through as void *, so that only
 * curl_*.c files see libcurl's headers. */
#ifndef NET_CURL_LOOP_H
#define NET_CURL_LOOP_H

#include "base/err.h"
#include "sys/loop.h"

#include <stdbool.h>

struct curl_loop;

/* done(arg, easy, code) is called when a transfer has ended, with a CURLcode, after the
 * handle has been taken out. It may be called from within curl_loop_add. silent: the protocol lets
 * servers say nothing unasked (HTTP/1); a kept connection that does is not used again. */
struct curl_loop *curl_loop_new(struct loop *l, int connections, bool silent,
				void (*done)(void *arg, void *easy, int code), void *arg,
				struct err *e);
/* Closes kept connections. No transfer may be under way. */
void curl_loop_free(struct curl_loop *c);

/* Sets the options of an easy handle that tie its connections to the loop. */
void curl_loop_bind(struct curl_loop *c, void *easy);

/* Starts a transfer at once. Returns 0, or -1 (no memory). */
int curl_loop_add(struct curl_loop *c, void *easy);
/* Why the last socket could not be opened; 0 if it could. libcurl does not say. */
int curl_loop_open_errno(const struct curl_loop *c);
/* Takes a transfer out before its end. */
void curl_loop_remove(struct curl_loop *c, void *easy);

#endif
