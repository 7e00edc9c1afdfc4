/* One command from the command line, from the check of all its nodes to the end of what it holds.
 */
#ifndef FAULT_FRONT_ONESHOT_H
#define FAULT_FRONT_ONESHOT_H

#include "cli/cli.h"
#include "node/fleet.h"
#include "options.h"
#include "events/report.h"

/* Returns the exit code; 128 and more: die by that signal. */
int oneshot_run(struct fleet *f, struct report *r, const struct options *o,
		const struct cli_rest *rest);

/* Which nodes are meant: those named (rest from its second word), else those of the mode, else
 * all. *out is the caller's to free. Returns how many, or -1. */
int oneshot_nodes(struct fleet *f, const struct options *o, const struct cli_rest *rest,
		  bool ours_only, struct node ***out, struct err *e);

#endif
