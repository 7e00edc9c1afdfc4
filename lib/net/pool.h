/* The connections of a transport that sends one request at a time on each: those that wait for a
 * request, per node, last used first. The pool opens a connection when none waits. */
#ifndef NET_POOL_H
#define NET_POOL_H

#include "net/link.h"
#include "net/transport.h"

struct pool_conn {
	struct pool_conn *next, *previous; /* in the node's list of idle ones */
	struct pool *pool;
	void *conn;
	struct request *request; /* NULL: idle */
	size_t node;
};

struct pool {
	const struct transport_config *config;
	struct transport *owner;
	struct net_dialer dialer;
	struct pool_conn **idle; /* one list a node */
	/* The protocol's connection, which passes l to its events. */
	void *(*conn_new)(struct pool_conn *l);
	void (*conn_free)(void *conn);
};

/* Sets all but conn_new and conn_free. config must outlive the pool. */
void pool_init(struct pool *p, const struct transport_config *c, struct transport *owner);
/* Closes the idle connections; no request may be under way. */
void pool_release(struct pool *p);

/* The connection that is to send the request, as r->state. NULL: its node has no address, and the
 * request has ended. */
struct pool_conn *pool_take(struct pool *p, struct request *r);

/* The request of a connection has ended as written in it. keep: the connection waits for the next
 * one, otherwise it is closed. */
void pool_done(struct pool_conn *l, bool keep);

/* Closes a connection whose request, if any, gets no answer from it. */
void pool_drop(struct pool_conn *l);

#endif
