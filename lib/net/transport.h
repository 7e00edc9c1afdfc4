/* The interface of protocol engines: a transport sends one request to a node and reports its
 * result. The caller decides when to send, how many at a time and when to give up; a transport
 * never blocks, never retries and never sends a request twice. */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include "base/err.h"
#include "net/request.h"
#include "net/resolve.h"
#include "sys/loop.h"
#include "url/url.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transport_node {
	struct url url;
	struct net_addrs addrs; /* all of them are tried; none: its requests fail as dns */
};

/* A request template; several make the request mix. */
struct http_template {
	const char *method; /* NULL: by the URL and the body */
	const char *path;   /* path and query, a pattern; NULL: as the node's URL has it */
	const char *body;   /* a pattern; NULL for none */
	size_t body_len;
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	const struct http_expect *expect; /* NULL: 200 to 399 */
	const char *contains; /* what a success has in its body; NULL: anything */
	uint64_t weight;      /* relative share of the slots; 0 in all templates: in turn */
	size_t node; /* the node it goes to, or HTTP_ANY_NODE: round robin over the first any_count
		      */
};

#define HTTP_ANY_NODE SIZE_MAX

/* Which statuses are successes. 400 and above never are: readers of samples count them as failures.
 */
struct http_expect {
	bool ok[400];
};

/* Requests and options of HTTP. */
struct http_config {
	const struct http_template *templates; /* at least one */
	size_t template_count, any_count;
	const char *authorization; /* a whole header line, or NULL */
	bool fresh;		   /* a connection for each request */
	bool http2;			  /* HTTP/2 only */
	bool follow;			  /* follow redirects */
	const char *proxy;		  /* URL, "env" for what the environment says; NULL: none */
	const char *cacert;		  /* https: PEM file of trusted CAs; NULL: the system's */
	bool insecure;			  /* https: do not verify certificates */
};

/* A Redis command; several make the mix. */
struct redis_template {
	char **words; /* patterns, the verb first; owned by whoever made it */
	size_t word_count;
	uint64_t value_bytes; /* of a value behind them; 0: none */
	uint64_t weight;
	char *op;  /* for a sample */
	bool mark; /* in place of words: the slot's own mark, under the config's mark_prefix */
};

struct transport_config {
	struct loop *loop;
	const struct transport_node *nodes;
	size_t node_count;
	const struct url *topology;	   /* who knows the Redis nodes; NULL: the nodes are the URLs */
	const struct transport_node *seeds; /* its hosts */
	size_t seed_count;
	size_t node_room; /* of a topology: how many nodes a run may have */
	/* The number of a node that a topology has told of, a new one if need be, which stays for the run; SIZE_MAX
	 * if there is no room, or the host is none. */
	size_t (*node_at)(void *node_arg, const char *host, int port);
	void *node_arg;
	int connections;	    /* sockets that may be kept open */
	int pipeline;		    /* Redis: requests that may be under way on each; 0 or 1: one */
	int64_t timeout_ns;	    /* of a request, which the caller watches; 0: unknown */
	int64_t connect_timeout_ns; /* 0: none of its own */
	const char *unix_socket;    /* the path of the Unix socket that all addrs name; NULL: TCP */
	uint64_t seed; /* of the choice by weight, and of patterns */
	struct http_config http;
	const struct redis_template *commands; /* Redis: at least one */
	size_t command_count;
	const char *mark_prefix; /* of the keys that hold marks; NULL: no command is one */
	/* Behind each Redis write WAIT for wait_replicas, at most wait_ms; 0: none. The write ends with
	 * the answer to WAIT. */
	int wait_replicas, wait_ms;
	/* A request has ended, as written in it. May be called from within submit. */
	void (*done)(void *arg, struct request *r);
	/* A connection to the node that gets no more requests still occupies that number of places, or has given them
	 * back (negative): fewer requests may be under way beside it. NULL: not asked for. */
	void (*taken)(void *arg, size_t node, int places);
	/* Where connections open gradually: one to the node is open, for that number of requests, or has closed (negative). */
	void (*opened)(void *arg, size_t node, int places);
	void *arg;
	/* What the user should know, once for each text, which lives for the call. Gets ready_arg. */
	void (*note)(void *arg, const char *text);
	/* The transport can take requests. Called once, from open or later. */
	void (*ready)(void *arg);
	void *ready_arg;
};

struct transport; /* defined by each engine */

struct transport_ops {
	const char *name;    /* "own", "curl", "redis" */
	const char *schemes; /* separated by blanks */
	/* The config and all it points to must outlive the transport. NULL on error. */
	struct transport *(*open)(const struct transport_config *c, struct err *e);
	/* Whether opening a connection costs both sides so much that a busy machine is to open few at a time. NULL: never. */
	bool (*gradual)(const struct transport_config *c);
	/* Sets node and op of a request by its slot number. */
	void (*route)(struct transport *t, struct request *r);
	/* The text of a sample's op column; needs no quotes. Owned by the transport. */
	const char *(*op_name)(const struct transport *t, size_t node, int op);
	/* Starts a request at once. It ends with done, perhaps before this returns, or with cancel.
	 */
	void (*submit)(struct transport *t, struct request *r);
	/* Gives up a request that was submitted; done is not called for it. */
	void (*cancel)(struct transport *t, struct request *r);
	/* Closes all connections and frees the transport. No request may be under way. */
	void (*close)(struct transport *t);
};

/* Whether any engine speaks the URL's scheme. */
bool transport_speaks(const struct url *u);

/* Which of the HTTP engines: the own one is for plain HTTP/1.1, libcurl for all the rest. */
enum http_engine { HTTP_ENGINE_AUTO, HTTP_ENGINE_OWN, HTTP_ENGINE_CURL };

/* The cheapest engine that supports the config. All its nodes must be HTTP, or all Redis. NULL with
 * an error if the wanted engine does not support it. */
const struct transport_ops *transport_for(const struct transport_config *c, enum http_engine wanted,
					  struct err *e);

#endif
