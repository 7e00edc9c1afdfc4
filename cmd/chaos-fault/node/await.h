/* Waiting where no session runs yet: before a command touches its nodes, in ls, undo and doctor. */
#ifndef FAULT_NODE_AWAIT_H
#define FAULT_NODE_AWAIT_H

#include "base/err.h"
#include "sys/loop.h"

#include <stdbool.h>

/* Runs the loop, and calls over every millisecond or so, until over returns true. NULL: a loop of
 * its own. -1 if there is no loop or timer to be had. Never within a loop that runs already. */
int await(struct loop *loop, bool (*over)(void *arg), void *arg, struct err *e);

#endif
