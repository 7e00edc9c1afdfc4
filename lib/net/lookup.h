/* A look-up of a name that does not block the event loop. The resolver may take many seconds, and
 * cannot be interrupted: it runs in a thread, which is left to itself when nobody waits any more.
 */
#ifndef NET_LOOKUP_H
#define NET_LOOKUP_H

#include "net/resolve.h"
#include "sys/loop.h"

struct net_lookup;

/* Starts the look-up of a URL's host. done is called once, from the loop, with addresses that it
 * takes over, or with NULL and the reason; it frees the look-up. NULL if none can be started. */
struct net_lookup *net_lookup_new(struct loop *l, const struct url *at,
				  void (*done)(void *arg, struct net_addrs *found,
					       const struct err *why),
				  void *arg, struct err *e);
void net_lookup_free(struct net_lookup *l); /* accepts NULL */

#endif
