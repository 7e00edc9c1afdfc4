/* The connections of a transport, each with room for one request or, in pipelines, for several: those that have room,
 * per node, last used first, so that one is filled before the next gets any. The pool opens a connection when none has
 * room, and closes those that an outage needed and nobody has since. */
#ifndef NET_POOL_H
#define NET_POOL_H

#include "net/link.h"
#include "net/transport.h"

struct pool_conn {
	struct pool_conn *next, *previous; /* in the node's list of those with room */
	struct pool *pool;
	void *conn;
	struct request *request; /* the last that it took; NULL: idle */
	int live;		 /* requests that it has; at most config->pipeline */
	bool retired;		 /* gets no more */
	int taken;		 /* places that nobody else may have meanwhile */
	bool opening, counted;	 /* of a transport that opens gradually: not open yet; its places were told */
	size_t node;
	unsigned idle_since; /* sweeps of the pool before */
};

struct pool {
	const struct transport_config *config;
	struct transport *owner;
	struct net_dialer dialer;
	struct pool_conn **open; /* one list a node */
	size_t room;		 /* nodes that there may be */
	int depth;		 /* requests that a connection may have */
	struct loop_timer *timer;
	unsigned sweeps;
	/* The protocol's connection, which passes l to its events. */
	void *(*conn_new)(struct pool_conn *l);
	void (*conn_free)(void *conn);
};

/* Sets all but conn_new and conn_free. config must outlive the pool. Release also on error. */
int pool_init(struct pool *p, const struct transport_config *c, struct transport *owner,
	      struct err *e);
/* Closes the idle connections; no request may be under way. */
void pool_release(struct pool *p);

/* The connection that is to send the request, as r->state. NULL: its node has no address, and the
 * request has ended. */
struct pool_conn *pool_take(struct pool *p, struct request *r);

/* The only request of a connection has ended as written in it. keep: the connection waits for the next
 * one, otherwise it is closed. */
void pool_done(struct pool_conn *l, bool keep);

/* One of the requests is the connection's no longer. */
void pool_give_back(struct pool_conn *l);

/* A connection that was opening is open. Requests may be submitted at once. */
void pool_opened(struct pool_conn *l);

/* The connection gets no more requests; pool_drop closes it when the last one has ended. Until then it counts as
 * full: the caller's places are those of sockets. */
void pool_retire(struct pool_conn *l);

/* Closes the connections that have been idle since two sweeps, but for the last used of each node.
 * A timer calls it. */
void pool_sweep(struct pool *p);

/* Closes a connection whose requests, if any, get no answer from it. */
void pool_drop(struct pool_conn *l);

#endif
