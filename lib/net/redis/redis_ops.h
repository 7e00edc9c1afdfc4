/* The commands of a load: which one a slot has, with what words, and whose key it is. */
#ifndef NET_REDIS_OPS_H
#define NET_REDIS_OPS_H

#include "base/buf.h"
#include "net/mix.h"
#include "net/redis/redis_topology.h"

struct redis_op {
	bool reads, varies; /* varies: its words have placeholders */
	size_t key;	    /* which word; 0: none */
	int key_slot;	    /* of a cluster; -1: no key, or one with placeholders */
	enum redis_answer answer;
	struct redis_command command; /* unless it varies */
};

struct redis_ops {
	const struct transport_config *config;
	struct mix mix;
	struct redis_op *all; /* one for each command of the config */
	struct buf word; /* the last one with placeholders */
	struct buf mark_key; /* of a piece of the marks */
	uint64_t mark_piece;
};

void redis_ops_init(struct redis_ops *o, const struct transport_config *c); /* which must outlive it */
void redis_ops_release(struct redis_ops *o);				     /* accepts a zeroed one */

/* Sets the op of a request by its slot, and what the choice of its node needs. by_key: the slot of its key is wanted. */
void redis_ops_route(struct redis_ops *o, struct request *r, bool by_key, struct redis_aim *aim);

/* Writes what a request sends that is the slot's alone, or has ASKING before it, to own, which is returned. */
const struct redis_command *redis_ops_write(struct redis_ops *o, const struct request *r, bool asking,
					    struct redis_command *own);

/* What a request sends; own holds it where it is written. */
static inline const struct redis_command *redis_ops_command(struct redis_ops *o, const struct request *r, bool asking,
							    struct redis_command *own)
{
	const struct redis_op *op = &o->all[r->op];
	return op->varies || asking ? redis_ops_write(o, r, asking, own) : &op->command;
}

#endif
