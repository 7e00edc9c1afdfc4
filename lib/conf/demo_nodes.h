/* The demo service: how a node is started when its config has no nodes table. */
#ifndef CONF_DEMO_NODES_H
#define CONF_DEMO_NODES_H

#include "conf/config.h"

/* Makes n, whose URL, mode and name are set, a chaos-node, or a Redis that replicates master (NULL: a
 * primary). */
void demo_process(struct node_conf *n, const struct node_conf *master);

#endif
