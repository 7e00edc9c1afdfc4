/* --dry-run: for each target, what would be done and undone, how each would be seen, and what is
 * lacking; nothing is touched. */
#ifndef FAULT_FRONT_DRYRUN_H
#define FAULT_FRONT_DRYRUN_H

#include "node/queue.h"
#include "options.h"

/* params: of a fault that is a program, or NULL. Of the command's nodes, which have been checked. Prints to stdout. Returns an exit code: 1 if
 * something is lacking. */
int dryrun_nodes(const struct verb *v, const char *params, struct node *const *nodes, size_t count,
		 const struct options *o);

/* Of undo: rest names UIDs, or all is set. */
int dryrun_undo(const char *state, const struct cli_rest *rest, const struct options *o);

#endif
