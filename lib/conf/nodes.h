/* The nodes of a config: the user's URL lists, their service names, and the
 * nodes table, joined by URL. */
#ifndef CONF_NODES_H
#define CONF_NODES_H

#include "conf/config.h"
#include "conf/yaml.h"

/* Fills c->nodes from the root of the document. */
int conf_load_nodes(struct config *c, struct ynode root, struct err *e);

#endif
