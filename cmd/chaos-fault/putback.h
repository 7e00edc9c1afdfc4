/* Putting back what entries of the journal say, whoever wrote them: the common part of guard,
 * reaper and undo. It needs no config, only the entries. */
#ifndef FAULT_PUTBACK_H
#define FAULT_PUTBACK_H

#include "journal.h"

#include <stdbool.h>
#include <stddef.h>

/* Puts back what the entries say, all beside one another, and says so on stderr. An entry that
 * is gone when its turn comes has been put back by somebody else. Returns an exit code:
 * EXIT_RESIDUE if something could not be put back. */
int putback_run(const char *state, const struct journal_entry *entries, size_t count,
		const char *why);

/* "f1 (kill of 'b')" */
char *putback_name(const struct journal_entry *j, char *out, size_t size);

#endif
