/* Tracks which Redis nodes are masters: sends ROLE on a separate connection to each node,
 * periodically and after failures. */
#ifndef NET_REDIS_ROLES_H
#define NET_REDIS_ROLES_H

#include "net/link.h"
#include "net/redis/redis_words.h"
#include "net/transport.h"

struct redis_roles;

/* handshakes: one a node. Calls ready of the config when every node has answered or failed to. All
 * must outlive it. NULL on error. */
struct redis_roles *redis_roles_new(struct net_dialer *d, const struct transport_config *c,
				    const struct redis_command *handshakes, struct err *e);
void redis_roles_free(struct redis_roles *r); /* accepts NULL */

/* The node for write number n: round robin over the masters; without one, the last known master,
 * else the first node, but see redis_roles_next_writer. */
size_t redis_roles_writer(const struct redis_roles *r, uint64_t n);

/* A write to a node failed. If no master is known, the next of the nodes that never told their role
 * (proxies, or a user without the right to ask) gets them from now on: perhaps it is one. */
void redis_roles_next_writer(struct redis_roles *r, size_t node);

/* A node failed or refused a write: sends ROLE again, at most every DOUBT_MS. */
void redis_roles_doubt(struct redis_roles *r, size_t node, bool lost);

#endif
