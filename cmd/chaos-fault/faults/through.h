/* Faults that act on the proxy before their node: what is done about a proxy that dies while they last. */
#ifndef FAULT_FAULTS_THROUGH_H
#define FAULT_FAULTS_THROUGH_H

#include "faults/fault.h"

/* The fault is injected through the proxy that runs now. */
void through_begin(struct fault *f);

/* Before the undo of t->fault: starts its proxy again if that has died. VERDICT_WAIT while it starts. */
enum verdict through_wait(struct task *t, struct err *e);

/* Starts the proxies of all adopted faults of the fleet that have died, and injects these again. */
void through_again(struct fleet *f);

#endif
