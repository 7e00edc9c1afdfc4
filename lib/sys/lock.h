/* Lock files of running processes. The lock ends with the process, however it ends, and is not
 * inherited; the file may remain. */
#ifndef SYS_LOCK_H
#define SYS_LOCK_H

#include "base/err.h"

/* What is said of a lock that another process has: the words in its file between these. */
struct lock_said {
	const char *before, *after;
};

/* Takes the lock and makes words the file's content. Returns a descriptor whose closing lets go, or
 * -1: EXIT_USAGE, and who has it, if another process does. The same process must not open the file
 * again: closing that would let go too. */
int lock_take(const char *path, const char *words, const struct lock_said *said, struct err *e);

/* -1 as in lock_take if another process has the lock. Changes nothing. */
int lock_check(const char *path, const struct lock_said *said, struct err *e);

#endif
