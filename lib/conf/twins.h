/* Which node of a growing list has a name or a URL, in constant time: a config may have thousands. */
#ifndef CONF_TWINS_H
#define CONF_TWINS_H

#include "conf/config.h"

struct twins {
	size_t *slots; /* owned; index of a node from 1, by its name and by its URL; 0: free */
	size_t size;   /* a power of two, or 0 */
	size_t count;  /* of nodes that are in it */
};

/* The node before number i of the same name or of the same URL (url_same), or NULL; puts number i, which
 * follows the last one, into t if there is none. */
const struct node_conf *twins_add(struct twins *t, const struct node_conf *nodes, size_t i);
/* The node at that URL, or NULL. */
const struct node_conf *twins_at(const struct twins *t, const struct node_conf *nodes,
				 const struct url *u);
void twins_release(struct twins *t);

#endif
