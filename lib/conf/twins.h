/* Which node of a growing list has a name or a URL, in constant time: a config may have thousands. */
#ifndef CONF_TWINS_H
#define CONF_TWINS_H

#include "conf/config.h"

#include <stddef.h>

struct twins {
	size_t *slots, room; /* 2 * node + which key + 1, or 0; found by the hash of the key */
};

/* For that many nodes at most. */
void twins_init(struct twins *t, size_t nodes);
/* The node before number i of the same name or of the same URL (url_same), or NULL; puts number i
 * into t if there is none. Its name and its place live as long as t. */
const struct node_conf *twins_add(struct twins *t, const struct node_conf *nodes, size_t i);
/* The node of that name or at that place (twins_place), or NULL. */
const struct node_conf *twins_find(struct twins *t, const struct node_conf *nodes, const char *key);
/* Where a URL points: the same text for URLs that are the same. The caller frees. */
char *twins_place(const struct url *u);
void twins_release(struct twins *t);

#endif
