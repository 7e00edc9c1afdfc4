/* Waiting before a session begins, and in ls, undo and doctor, which have none. */
#ifndef FAULT_NODE_AWAIT_H
#define FAULT_NODE_AWAIT_H

#include "base/err.h"
#include "sys/loop.h"

#include <stdbool.h>

/* Runs the loop and calls over every millisecond until over returns true. loop may be NULL. -1 if
 * no loop or timer can be made. Must not be called from a callback of a running loop. */
int await(struct loop *loop, bool (*over)(void *arg), void *arg, struct err *e);

#endif
