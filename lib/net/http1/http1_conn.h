/* One HTTP/1.1 connection, one request at a time, written once and never again. Opens
 * itself with its first request, to each address in turn until one takes it. */
#ifndef NET_HTTP1_CONN_H
#define NET_HTTP1_CONN_H

#include "net/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http1_conn;

/* Bytes that are ready to be sent. */
struct http1_message {
	const char *text; /* borrowed */
	size_t len;
	bool head; /* a HEAD request: the answer has no body */
};

struct http1_conn_events {
	/* The answer is complete. keep: the connection can take another request; else free it. The
	 * callback may reuse or free it. */
	void (*answered)(void *arg, int status, int64_t bytes, bool keep);
	/* The connection is lost: free it. Called at most once, also while idle. */
	void (*lost)(void *arg, enum sample_error error, const char *detail, int64_t bytes);
};

/* A connection that is not open yet. dialer, addrs (not empty) and events must outlive it. */
struct http1_conn *http1_conn_new(struct net_dialer *d, const struct net_addrs *addrs,
				  const struct http1_conn_events *events, void *arg);
void http1_conn_free(struct http1_conn *c); /* allowed in its events; accepts NULL */

/* Sends a message, whose text must live until the answer. One at a time. May call events before it
 * returns. */
void http1_conn_send(struct http1_conn *c, const struct http1_message *m);

/* When the message under way (or last) was written, monotonic; 0 if it never was. */
int64_t http1_conn_sent_ns(const struct http1_conn *c);
/* Of the answer's body, so far. */
int64_t http1_conn_bytes(const struct http1_conn *c);

#endif
