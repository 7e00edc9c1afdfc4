/* Files of this user's state: what somebody else may have put in their place is not opened. */
#ifndef SYS_OWN_FILE_H
#define SYS_OWN_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* open(2) of a regular file that belongs to this user and that nobody else may write to. Neither
 * follows a link nor waits for the other end of a FIFO. With O_CREAT the mode is 0600. -1 on error:
 * EXIT_RUNTIME. */
int own_open(const char *path, int flags, struct err *e);

/* Appends the whole of such a file to out; -1 also if it is longer than that. */
int own_read(const char *path, size_t max_bytes, struct buf *out, struct err *e);

/* -1, EXIT_USAGE, if path is there and others may write to it, or to what is in it. link_too: it may
 * be a link. */
int own_folder(const char *path, bool link_too, struct err *e);

#endif
