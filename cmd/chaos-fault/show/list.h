/* chaos-fault ls: the nodes, their state, and the faults on them. */
#ifndef FAULT_SHOW_LIST_H
#define FAULT_SHOW_LIST_H

#include "base/clock.h"
#include "node/fleet.h"
#include "options.h"

/* Prints to stdout. Returns the exit code. */
int list_run(struct fleet *f, const struct options *o, const struct cli_rest *rest,
	     const struct anchor *clock);

#endif
