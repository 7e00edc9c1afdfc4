/* The nodes that a session brings up. */
#ifndef FAULT_FRONT_BRING_UP_H
#define FAULT_FRONT_BRING_UP_H

#include "node/fleet.h"

/* Marks the nodes of a mode, or those of a list of names. -1 with EXIT_USAGE. */
int bring_up_mark(struct fleet *f, const char *which, struct err *e);

/* Those, and what they need; of one that stands for others, these alone. Returns how many; nodes has room for all. */
size_t bring_up_nodes(struct fleet *f, struct node **nodes);

/* -1 if any of them cannot be started: then none is. A fault left over by a dead chaos-fault is no obstacle in a
 * rehearsal: it is put back before a session begins. */
int bring_up_check(struct node *const *nodes, size_t count, struct err *e);

void bring_up_begin(struct fleet *f, struct node *const *nodes, size_t count);

#endif
