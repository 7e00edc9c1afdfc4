/* Orphan recovery: journal entries whose owner and guard have both died; and the command undo. */
#ifndef FAULT_RECOVER_ORPHANS_H
#define FAULT_RECOVER_ORPHANS_H

#include "cli/cli.h"
#include "journal/journal.h"

/* Restores orphans, and waits for the guards of other dead owners, which are restoring theirs.
 * Every command runs this first. Returns an exit code. */
int orphans_restore(const char *state);

/* The journal entries that undo would restore: rest lists UIDs, or all is set. The caller frees
 * *out. Returns their number, or -1. Changes nothing. */
int undo_choose(const char *state, const struct cli_rest *rest, bool all,
		struct journal_entry **out, struct err *e);

/* The command undo: rest lists UIDs, or all is set; orphans are restored as well. A UID that is
 * unknown is refused, and nothing is touched. Returns an exit code. */
int undo_run(const char *state, const struct cli_rest *rest, bool all);

/* The command undo --forget: removes the entries and says what is given up; refuses what a process
 * still answers for. Then orphans are restored. Returns an exit code. */
int undo_forget(const char *state, const struct cli_rest *rest, bool all);

#endif
