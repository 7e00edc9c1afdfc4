/* Putting back what entries of the journal say, whoever wrote them: the common part of guard,
 * reaper and undo. It needs no config, only the entries. */
#ifndef FAULT_RECOVER_RESTORE_H
#define FAULT_RECOVER_RESTORE_H

#include "journal/journal.h"

#include "sys/loop.h"

#include <stdbool.h>
#include <stddef.h>

/* Puts back what the entries say, all beside one another, and says so on stderr. An entry that
 * is gone when its turn comes has been put back by somebody else. Returns an exit code:
 * EXIT_RESIDUE if something could not be put back. */
int putback_run(const char *state, const struct journal_entry *entries, size_t count,
		const char *why);

/* The same in a loop of the caller's, beside whatever else is on it: done is called from there
 * when all has ended, and ends it. NULL on error. */
struct putback;
struct putback *putback_start(struct loop *loop, const char *state,
			      const struct journal_entry *entries, size_t count, const char *why,
			      void (*done)(void *arg, struct putback *p), void *arg, struct err *e);

/* True if it is at work on the node of that key. */
bool putback_at(const struct putback *p, const char *key);

/* Frees it, with its exit code. */
int putback_end(struct putback *p);

/* "f1 (kill of 'b')" */
enum { PUTBACK_NAME_MAX = 2 * JOURNAL_NAME_MAX + UID_MAX + 16 };
char *putback_name(const struct journal_entry *j, char *out, size_t size);

#endif
