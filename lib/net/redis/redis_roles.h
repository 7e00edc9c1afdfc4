/* Which Redis nodes are masters, as they say themselves: ROLE is asked over one connection of its
 * own to each node, when something casts doubt on what is known, and now and then. */
#ifndef NET_REDIS_ROLES_H
#define NET_REDIS_ROLES_H

#include "net/link.h"
#include "net/redis/redis_words.h"
#include "net/transport.h"

struct redis_roles;

/* handshakes: one a node. known is called once, when every node has answered or failed to.
 * The dialer and the arrays must outlive it. NULL on error. */
struct redis_roles *redis_roles_new(struct net_dialer *d, const struct transport_node *nodes,
				    size_t count, const struct redis_command *handshakes,
				    void (*known)(void *arg), void *arg, struct err *e);
void redis_roles_free(struct redis_roles *r); /* accepts NULL */

/* The node that gets write number n: the masters in turn; while none is known, the last that was;
 * the first node if none ever was. */
size_t redis_roles_writer(const struct redis_roles *r, uint64_t n);

/* A node failed or refused a write: asks it again, soon, but never in a busy loop. */
void redis_roles_doubt(struct redis_roles *r, size_t node, bool lost);

#endif
