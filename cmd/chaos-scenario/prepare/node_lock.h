/* The nodes of a config and mode belong to one run at a time. */
#ifndef SCENARIO_PREPARE_NODE_LOCK_H
#define SCENARIO_PREPARE_NODE_LOCK_H

#include "options.h"

#include "conf/config.h"

/* Looks whether another run is using the nodes: EXIT_USAGE if so. Changes nothing. */
int node_lock_check(const struct options *o, const struct config *c, struct err *e);

/* Takes the nodes for this run: a descriptor to close at its end, or -1. */
int node_lock_take(const struct options *o, const struct config *c, struct err *e);

#endif
