/* The addresses of a proxy: where it listens, where it connects to. */
#ifndef PROXY_ENDPOINT_H
#define PROXY_ENDPOINT_H

#include "base/err.h"
#include "net/resolve.h"

#include <stdbool.h>

/* HOST:PORT, [IPV6]:PORT, :PORT (all interfaces), unix:PATH or /PATH. */
struct endpoint {
	char *text; /* owned; as given, or after endpoint_listen with the real port */
	struct net_addrs addrs; /* empty until endpoint_resolve */
};

/* Checks the spelling alone. -1 with EXIT_USAGE and nothing to release. */
int endpoint_parse(struct endpoint *p, const char *text, struct err *e);
void endpoint_release(struct endpoint *p); /* accepts a zeroed one */

/* Looks a name up, which may wait for the resolver; an address never does. */
int endpoint_resolve(struct endpoint *p, struct err *e);

bool endpoint_is_unix(const struct endpoint *p);

/* A non-blocking listening socket; a Unix socket's file that nobody listens on is replaced, and mode
 * is its. -1: EXIT_RUNTIME; e->sys_errno EADDRINUSE if somebody listens there. */
int endpoint_listen(struct endpoint *p, unsigned int mode, struct err *e);

/* Removes the file of a Unix socket. */
void endpoint_unlink(const struct endpoint *p);

/* A non-blocking socket that connects to the address: *done if it is connected already. -1 with
 * errno. */
int endpoint_dial(const struct net_addr *a, bool *done);

/* Small messages are not kept back. */
void endpoint_no_delay(int fd);
/* The next close sends RST. */
void endpoint_will_reset(int fd);

#endif
