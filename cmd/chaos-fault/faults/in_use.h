/* Proxies before nodes, which must not end while faults go through them. */
#ifndef FAULT_FAULTS_IN_USE_H
#define FAULT_FAULTS_IN_USE_H

#include "journal/journal.h"
#include "node/fleet.h"

/* Refuses a node that is such a proxy and has active faults, EXIT_USAGE. */
int in_use_check(const struct node *n, struct err *e);

#endif
