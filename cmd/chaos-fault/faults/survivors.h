/* Faults never hit all nodes of a mode unless that is wanted. */
#ifndef FAULT_FAULTS_SURVIVORS_H
#define FAULT_FAULTS_SURVIVORS_H

#include "node/fleet.h"

/* One at a time among all chaos-faults of a state folder: from looking whether some stay up until
 * the intent is on disk, which the next one sees. Waits for some seconds at most. Returns a
 * descriptor whose closing lets go, or -1. */
int survivors_begin(const struct fleet *f, struct err *e);

/* Refuses (EXIT_USAGE) what would leave no node of a mode up: none that runs without a fault, or
 * is just being put back by this process. A mode of which the config has one node alone is let
 * be: to name the node is to say it. */
int survivors_check(const char *verb, struct node *const *nodes, size_t count, struct err *e);

#endif
