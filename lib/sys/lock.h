/* Lock files of running processes. The lock ends with the process, however it ends, and is not
 * inherited; the file may remain. */
#ifndef SYS_LOCK_H
#define SYS_LOCK_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

/* A holder whose pid means nothing here: it is in another pid namespace, or on another machine. */
#define LOCK_HOLDER_UNKNOWN ((pid_t)-1)

/* Takes the lock and makes words the file's content. Returns a descriptor whose closing lets go, or
 * -1. If another process has it, *holder is its pid, or
 * LOCK_HOLDER_UNKNOWN, and e is left alone; else *holder is 0. The
 * same process must not open the file again: closing that would let go too. */
int lock_take(const char *path, const char *words, pid_t *holder, struct err *e);

/* The process that has the lock, as in lock_take, or 0; with its words (empty if there are none). Changes nothing.
 */
pid_t lock_holder(const char *path, char *words, size_t size);

#endif
