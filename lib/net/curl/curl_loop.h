/* Runs libcurl transfers on our event loop. Easy handles pass through as void *, so that only
 * curl_*.c files see libcurl's headers. */
#ifndef NET_CURL_LOOP_H
#define NET_CURL_LOOP_H

#include "base/err.h"
#include "sys/loop.h"

#include <stdbool.h>

struct curl_loop;

/* First member of the owner of an easy handle. */
struct curl_transfer {
	/* The transfer has ended with a CURLcode, and its handle is out of the multi. May be called
	 * from within curl_loop_add. */
	void (*done)(struct curl_transfer *t, int code);
	/* With CURLOPT_CONNECT_ONLY: done gets the connected socket as fd, -1 if there is none, and
	 * owns it. */
	bool takes_socket;
	/* With takes_socket: fd tells when there is something to read or write, and the handle stays in the multi, with
	 * its connection, until curl_loop_remove. */
	bool keeps;
	int fd;
	int new_fd; /* the loop's own: what was last waited for on a new connection */
};

/* connections: how many idle ones are kept. silent: servers send nothing on idle connections
 * (HTTP/1); one that does is not reused. */
struct curl_loop *curl_loop_new(struct loop *l, int connections, bool silent, struct err *e);
/* The instance of the loop for users that keep no idle connections. Reference-counted: each user
 * frees it once. */
struct curl_loop *curl_loop_shared(struct loop *l, struct err *e);
/* Closes kept connections. No transfer may be under way. Accepts NULL. */
void curl_loop_free(struct curl_loop *c);

/* Ties an easy handle and its connections to the loop; sets its CURLOPT_PRIVATE. */
void curl_loop_bind(struct curl_loop *c, void *easy, struct curl_transfer *t);

/* Starts a transfer at once. Returns 0, or -1 (no memory). */
int curl_loop_add(struct curl_loop *c, void *easy);
/* Why the last socket could not be opened; 0 if it could. libcurl does not say. */
int curl_loop_open_errno(const struct curl_loop *c);
/* The transfer's connection, which is new and has been waited for, counts in *open until it is closed. */
void curl_loop_count(struct curl_loop *c, const struct curl_transfer *t, int *open);
/* Takes a transfer out before its end. */
void curl_loop_remove(struct curl_loop *c, void *easy);

#endif
