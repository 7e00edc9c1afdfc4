/* From names to addresses. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "base/err.h"
#include "url/url.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct net_addr {
	struct sockaddr_storage sa;
	socklen_t len;
	bool worked; /* the last of its list that was connected to, which the next link tries first
		      */
};

struct net_addrs {
	struct net_addr *list; /* owned; in the order of preference that the system gives */
	size_t count;
};

/* Looks up all TCP addresses of a URL's host. Waits for the resolver if net_resolve_now would
 * return false. Returns 0, or -1 with an empty list. */
int net_resolve(const struct url *at, struct net_addrs *out, struct err *e);
/* The same for hosts that need no resolver: addresses, and localhost with all names below it.
 * Returns false with an empty list for others. */
bool net_resolve_now(const struct url *at, struct net_addrs *out);
/* The address of a Unix socket in place of a host's. Returns 0, or -1 if the path is too long. */
int net_unix_address(const char *path, struct net_addrs *out, struct err *e);
void net_addrs_release(struct net_addrs *a); /* accepts a zeroed one */

/* "127.0.0.1", "::1"; returns out. */
#define NET_ADDR_TEXT 128
const char *net_addr_host(const struct net_addr *a, char out[static NET_ADDR_TEXT]);
/* "127.0.0.1:6379", "[::1]:6379", "/path"; returns out. */
const char *net_addr_text(const struct net_addr *a, char out[static NET_ADDR_TEXT]);

#endif
