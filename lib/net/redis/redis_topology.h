/* Which node a command goes to. Three ways to know: the URLs are the nodes, and each tells its role; the
 * sentinels know primary and replicas; every node of a cluster knows which node has which keys. */
#ifndef NET_REDIS_TOPOLOGY_H
#define NET_REDIS_TOPOLOGY_H

#include "net/link.h"
#include "net/redis/redis_words.h"
#include "net/transport.h"

struct redis_topology;

struct redis_aim {
	bool reads;
	int key_slot; /* of a cluster; -1: the command has no key */
	uint64_t n;   /* the turn, of several nodes that it may go to */
};

struct redis_topology_ops {
	const char *scheme; /* what stands behind "redis" or "rediss" in it */
	/* handshakes: one for each node, or the first for all where the config has a topology. All must outlive it.
	 * Calls ready of the config when it knows where to send, or that it cannot know yet. NULL on error. */
	struct redis_topology *(*open)(struct net_dialer *d, const struct transport_config *c,
				       const struct redis_command *handshakes, struct err *e);
	void (*close)(struct redis_topology *t);
	size_t (*pick)(struct redis_topology *t, const struct redis_aim *aim);
	/* A command to the node failed or was refused there: what is known of it is in doubt. write: of a command that
	 * writes; lost: with its connection. */
	void (*failed)(struct redis_topology *t, size_t node, bool write, bool lost);
	/* Where an answer of MOVED or ASK from that node sends the command, SIZE_MAX: nowhere. NULL: it is not
	 * followed. */
	size_t (*moved)(struct redis_topology *t, size_t node, const char *answer);
	/* Why a node without an address gets nothing; NULL: there are none but for want of DNS. */
	enum error_class (*why)(const struct redis_topology *t, const char **detail);
	const char *hello; /* the last word of each connection's handshake; NULL: none */
};

/* Each is the first member of its own struct. */
struct redis_topology {
	const struct redis_topology_ops *ops;
};

extern const struct redis_topology_ops redis_list_topology, redis_sentinel_topology, redis_cluster_topology;

/* The handshake of a node's connections. */
static inline const struct redis_command *redis_handshake_of(const struct transport_config *c,
							     const struct redis_command *handshakes, size_t node)
{
	return &handshakes[c->topology ? 0 : node];
}

/* When to try again what has failed several times in a row: later each time, and not all at once. */
int64_t redis_retry_ns(int64_t now, int failures);

enum { REDIS_NODE_ROOM = 1024 }; /* nodes that a topology may tell of in one run */

#endif
