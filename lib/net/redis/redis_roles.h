/* Tracks which Redis nodes are masters: sends ROLE on a separate connection to each node,
 * periodically and after failures. By itself it is the topology of nodes that are given by their URLs. */
#ifndef NET_REDIS_ROLES_H
#define NET_REDIS_ROLES_H

#include "net/redis/redis_topology.h"

struct redis_roles;

/* Of the nodes of the config, or, where it has a topology, of none until redis_roles_set. NULL on error. */
struct redis_roles *redis_roles_new(struct net_dialer *d, const struct transport_config *c,
				    const struct redis_command *handshakes, struct err *e);
void redis_roles_free(struct redis_roles *r); /* accepts NULL */

/* What others know: these are the nodes, and that one of them is the primary. It gets the writes, unless it is
 * lost or denies it while another says that it is the master. */
void redis_roles_set(struct redis_roles *r, const size_t *nodes, size_t count, size_t primary);

/* The node for write number n: round robin over the masters; without one, the last known master,
 * else the first node; after a write that failed there, the next of the nodes that never told their role
 * (proxies, or a user without the right to ask): perhaps it is one. */
size_t redis_roles_writer(const struct redis_roles *r, uint64_t n);

/* The node for read number n: all of them in turn. */
size_t redis_roles_reader(const struct redis_roles *r, uint64_t n);

/* A command failed at a node: sends ROLE again, at most every DOUBT_MS. */
void redis_roles_failed(struct redis_roles *r, size_t node, bool write, bool lost);

#endif
