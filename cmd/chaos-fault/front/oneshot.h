/* One command of the command line, from the check of its nodes to the end of its faults. */
#ifndef FAULT_FRONT_ONESHOT_H
#define FAULT_FRONT_ONESHOT_H

#include "cli/cli.h"
#include "node/fleet.h"
#include "options.h"
#include "events/emit.h"

/* Returns the exit code; 128 + n: the caller then dies by signal n. */
int oneshot_run(struct fleet *f, struct emitter *r, const struct options *o,
		const struct cli_rest *rest);

/* The nodes of the command: those named (rest from its second word), else those of the mode, else
 * all. The caller frees *out. Returns their number, or -1. */
int oneshot_nodes(struct fleet *f, const struct options *o, const struct cli_rest *rest,
		  bool ours_only, struct node ***out, struct err *e);

#endif
