/* The last resort: entries of the journal whose owner and guard are both dead. */
#ifndef FAULT_RECOVER_ORPHANS_H
#define FAULT_RECOVER_ORPHANS_H

#include "cli/cli.h"
#include "journal/journal.h"

/* Puts back what the dead left, and waits for guards that are just doing so. Every command runs
 * it first. Returns an exit code. */
int reaper_run(const char *state);

/* The entries that are meant: rest names UIDs, or all is set. *out is the caller's to free. Returns
 * how many, or -1; touches nothing. */
int reaper_choose(const char *state, const struct cli_rest *rest, bool all,
		  struct journal_entry **out, struct err *e);

/* The command undo: rest names UIDs, or all is set. What the dead left is put back in any case.
 * Returns an exit code. */
int reaper_undo(const char *state, const struct cli_rest *rest, bool all);

#endif
