/* Nodes that need others, which are brought up before them. */
#ifndef FAULT_NODE_NEEDS_H
#define FAULT_NODE_NEEDS_H

#include "node/fleet.h"

/* Adds what the nodes need, and what that needs, before them; each once. nodes has room for the whole
 * fleet. Returns how many there are then. */
size_t needs_add(struct node **nodes, size_t count);

/* VERDICT_WAIT while something that it needs is being brought up; VERDICT_NO if it is not up. */
enum verdict needs_met(const struct node *n, struct err *e);

/* One that it needs and that is just being started, or NULL; in an undo the fleet may lack others. */
const char *needs_starting(const struct node *n);

#endif
