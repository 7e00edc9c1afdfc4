/* The bytes to and from a Redis server: over a socket that is connected to the addresses which are known, or, for TLS
 * and where none is known, over one that libcurl connects. */
#ifndef NET_REDIS_WIRE_H
#define NET_REDIS_WIRE_H

#include "net/link.h"
#include "net/transport.h"

#include <stdbool.h>
#include <sys/types.h>

/* Whom to connect to. All that it points to must outlive the wire. */
struct redis_server {
	const struct url *url;
	const struct net_addrs *addrs; /* NULL: libcurl looks up the host */
	const char *unix_socket;       /* in place of the host; NULL: none but what the URL says */
	const char *cacert;	       /* TLS: the file of trusted authorities; NULL: the system's */
	bool insecure;		       /* TLS: certificates are not checked */
};

/* A node of a load, or one of its seeds. */
struct redis_server redis_server_of(const struct transport_config *c, const struct transport_node *n);

/* Whether the nodes of a load can be reached at all: TLS takes libcurl. -1 (EXIT_RUNTIME): it cannot be loaded. */
int redis_wire_check(const struct transport_config *c, struct err *e);

struct curl_call;

struct redis_wire {
	struct net_link link;	/* first: its events get it; with libcurl only its socket and watch are used */
	struct curl_call *call; /* owned; NULL: not by libcurl, or its socket is ours */
	const struct net_link_events *events;
	void *arg;
	struct redis_server server;
	bool opening;
};

/* Initialises a closed wire. The events are those of a link. */
void redis_wire_init(struct redis_wire *w, struct net_dialer *d, const struct redis_server *to,
		     const struct net_link_events *events, void *arg);
/* Does nothing if it is open or being opened. Calls connected or failed, perhaps before it returns. */
void redis_wire_open(struct redis_wire *w);
void redis_wire_close(struct redis_wire *w); /* allowed in every event */

/* Whether the server has accepted the connection, which TLS has not secured yet. */
bool redis_wire_securing(const struct redis_wire *w);

/* As send and recv without waiting. -1: *error and *why (of the wire) are set; ERROR_NONE: not now. */
ssize_t redis_wire_write(struct redis_wire *w, const char *data, size_t len, enum error_class *error, const char **why);
ssize_t redis_wire_read(struct redis_wire *w, char *data, size_t size, enum error_class *error, const char **why);
/* Whether there may be more behind a read that gave n of size bytes, without the socket's telling. */
bool redis_wire_more(const struct redis_wire *w, size_t n, size_t size);

#endif
