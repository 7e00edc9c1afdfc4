/* Which faults a node has: of ours, or of any chaos-fault. */
#ifndef FAULT_FAULTS_PRESENT_H
#define FAULT_FAULTS_PRESENT_H

#include "faults/fault.h"

/* The node's fault that is in the way of a: of its name, or silent like it; NULL: any that is
 * silent. NULL if there is none. */
struct fault *fault_in_way(const struct node *n, const struct action *a);

/* True, with the entry, if an active fault of any chaos-fault is on the node and in the way of a;
 * NULL: any. */
bool fault_on(const struct node *n, const struct action *a, struct journal_entry *out);

/* The same of those that are silent. */
bool fault_silent_on(const struct node *n);

/* True if a chaos-fault that died left a fault on the node, which the next one puts back. */
bool fault_left_over(const struct node *n);

#endif
