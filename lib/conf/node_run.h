/* How a node is run: where, with which variables and signals, and behind which others. */
#ifndef CONF_NODE_RUN_H
#define CONF_NODE_RUN_H

#include "conf/config.h"
#include "conf/yaml.h"

/* Fills n, whose kind is known, from its entry in the table. */
int conf_load_run(const struct config *c, struct ynode value, struct node_conf *n, struct err *e);

/* Refuses needs that nothing can bring up, and those that lead in a circle. The first nodes of c are
 * those of the table, in its order. */
int conf_check_needs(const struct config *c, struct ynode table, struct err *e);

#endif
