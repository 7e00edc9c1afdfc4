/* What carries one request to a node and brings back how it ended: one table of functions
 * per protocol engine. The caller decides when to send, how many at a time and when to give up; a
 * transport never waits, never retries and never sends a request twice. */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include "base/err.h"
#include "base/url.h"
#include "net/request.h"
#include "net/resolve.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transport_node {
	struct url url;
	struct net_addrs addrs; /* all of them are tried; none: its requests fail as dns */
};

/* One kind of request to HTTP nodes. */
struct http_template {
	const char *method; /* NULL: by the URL and the body */
	const char *path;   /* path and query; NULL: as the node's URL has it */
	const char *body;   /* NULL for none */
	size_t body_len;
	uint64_t weight; /* share of the slots; 0 in all: the templates take turns */
	size_t node;	 /* the node it goes to, or HTTP_ANY_NODE: the first any_count in turn */
};

#define HTTP_ANY_NODE SIZE_MAX

/* Which statuses are successes. None of 400 and more can be: readers of samples count those as
 * failures whatever the row says. */
struct http_expect {
	bool ok[400];
};

/* What is asked of HTTP nodes, and how. */
struct http_config {
	const struct http_template *templates; /* at least one */
	size_t template_count, any_count;
	uint64_t seed;		    /* of what templates with weights are chosen by */
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	const char *authorization;	  /* a whole header line, or NULL */
	const struct http_expect *expect; /* NULL: 200 to 399 */
	bool fresh;			  /* a connection for each request */
	bool http2;			  /* and nothing else */
	bool follow;			  /* redirects; see http_status_class */
	const char *proxy;		  /* URL, "env" for what the environment says; NULL: none */
	const char *cacert; /* https: trust what this PEM file says alone; NULL: the system's */
	bool insecure;	    /* https: trust anybody */
};

struct transport_config {
	struct loop *loop;
	const struct transport_node *nodes;
	size_t node_count;
	int connections;	    /* sockets that may be kept open */
	int64_t connect_timeout_ns; /* 0: none of its own */
	const char *unix_socket;    /* what all addrs are; NULL: TCP */
	struct http_config http;
	const char *key; /* Redis: the counter */
	/* A request has ended, as written in it. May be called from within submit. */
	void (*done)(void *arg, struct request *r);
	void *arg;
	/* The transport knows what it needs for its first request. Called once, from open or later.
	 */
	void (*ready)(void *arg);
	void *ready_arg;
};

struct transport; /* each engine has its own behind this */

struct transport_ops {
	const char *name;    /* "own", "curl", "redis" */
	const char *schemes; /* separated by blanks */
	/* The config and all it points to must outlive the transport. NULL on error. */
	struct transport *(*open)(const struct transport_config *c, struct err *e);
	/* Sets node and op of a request by its slot number. */
	void (*route)(struct transport *t, struct request *r);
	/* What stands in a sample's op column; needs no quotes. Owned by the transport. */
	const char *(*op_name)(const struct transport *t, size_t node, int op);
	/* Starts a request at once. It ends in done, sooner or later, or in cancel. */
	void (*submit)(struct transport *t, struct request *r);
	/* Gives up a request that was submitted; done is not called for it. */
	void (*cancel)(struct transport *t, struct request *r);
	/* Drops what is open, in silence. No request may be under way. */
	void (*close)(struct transport *t);
};

/* Whether any engine speaks the URL's scheme. */
bool transport_speaks(const struct url *u);

/* Which of the HTTP engines: the own one is for plain HTTP/1.1, libcurl for all the rest. */
enum http_engine { HTTP_ENGINE_AUTO, HTTP_ENGINE_OWN, HTTP_ENGINE_CURL };

/* The engine that can do what the config templates for, at the least cost. All its nodes must be
 * HTTP, or all Redis. NULL if the one that is wanted cannot do it. */
const struct transport_ops *transport_for(const struct transport_config *c, enum http_engine wanted,
					  struct err *e);

#endif
