/* Tracks which Redis nodes are masters: sends ROLE on a separate connection to each node,
 * periodically and after failures. */
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

/* The node for write number n: round robin over the masters; without one, the last known master,
 * else the first node. */
size_t redis_roles_writer(const struct redis_roles *r, uint64_t n);

/* A node failed or refused a write: sends ROLE again, at most every DOUBT_MS. */
void redis_roles_doubt(struct redis_roles *r, size_t node, bool lost);

#endif
