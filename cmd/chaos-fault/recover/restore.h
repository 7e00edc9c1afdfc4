/* Reverts the faults of journal entries, whichever process wrote them: for the guard, orphan
 * recovery and undo. Needs no config: an entry describes its node. */
#ifndef FAULT_RECOVER_RESTORE_H
#define FAULT_RECOVER_RESTORE_H

#include "journal/journal.h"

#include "sys/loop.h"

#include <stdbool.h>
#include <stddef.h>

/* Reverts the faults of all entries concurrently and reports them on stderr. An entry that
 * is gone by then was reverted by another process. Returns an exit code: EXIT_RESIDUE if a fault
 * could not be reverted. */
int restore_run(const char *state, const struct journal_entry *entries, size_t count);

/* The same on the caller's loop: done is called from the loop at the end, and calls restore_end.
 * What kept does not have is kept there as it is now. again: their proxy has died: it is started again and
 * they are injected again, not reverted. NULL on error. */
struct restore;
struct restore *restore_start(struct loop *loop, const char *state, struct kept *kept,
			      const struct journal_entry *entries, size_t count, bool again,
			      void (*done)(void *arg, struct restore *p), void *arg, struct err *e);

/* True if one of its entries is for the node of that key. */
bool restore_covers(const struct restore *p, const char *key);

/* Frees it and returns its exit code. */
int restore_end(struct restore *p);

#endif
