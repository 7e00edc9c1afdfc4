/* The nodes of a config and mode belong to one run at a time, and the proxy before nodes with 'via'. */
#ifndef SCENARIO_PREPARE_NODE_LOCK_H
#define SCENARIO_PREPARE_NODE_LOCK_H

#include "prepare/steps/plan.h"

enum { NODE_LOCKS = MODE_PROXY + 1 };

/* Takes the nodes of the plan's modes for that run: descriptors to close at its end, left alone for
 * another mode. EXIT_USAGE if another run is using them. run_id NULL: only looks, changes nothing. */
int node_lock(const struct plan *p, const char *run_id, int *fds, struct err *e);

#endif
