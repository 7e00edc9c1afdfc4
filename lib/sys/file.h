/* Whole files, whole writes, folders. */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* Writes all of data to fd, however many writes that takes; waits where fd is
 * non-blocking. Returns 0 or -1; e->sys_errno is EPIPE when the reader has gone. */
int write_all(int fd, const void *data, size_t len, struct err *e);

/* Writes all of a text to standard output, which the caller names. A reader that has gone (EPIPE) is a quiet
 * success; a full disk is not. */
int out_write(int fd, const struct buf *text, struct err *e);
int out_finish(int fd, const struct buf *text, struct err *e); /* and closes it */

/* Appends the whole file (or everything up to end of input of an fd) to out. A file
 * that is not there, is a folder or may not be read is EXIT_USAGE. */
int file_read(const char *path, struct buf *out, struct err *e);
int fd_read_all(int fd, const char *name, struct buf *out, struct err *e);

/* file_read of text into an empty buffer: without the byte order mark that editors put before it. */
int file_read_text(const char *path, struct buf *out, struct err *e);

/* Replaces path in one step (a temporary file beside it, fsync, rename), so
 * that a reader or a crash sees the old content or the new, never a part. A
 * link stays and its target is replaced; to a device, a pipe or a descriptor by name (/dev/stdout)
 * it just writes. */
int file_replace(const char *path, const void *data, size_t len, mode_t mode, struct err *e);

/* fsync of the folder: entries made, renamed or removed are on disk when it returns 0. */
int sync_dir(const char *path, struct err *e);

/* Checks that path, given by the user, can be written: it or its folder exists and is writable.
 * Changes nothing. -1 with EXIT_USAGE. */
int file_writable(const char *path, struct err *e);

bool file_exists(const char *path);

/* open(2) for reading a path given by the user; a wrong path is EXIT_USAGE, as in file_read. -1 on
 * error. */
int file_open(const char *path, struct err *e);

/* For an error of reading what file_open opened: a folder can be opened. Returns -1. */
int file_err_named(struct err *e);

/* mkdir -p. */
int make_dirs(const char *path, mode_t mode, struct err *e);

/* Removes a folder and all in it, without following links or leaving its
 * file system. Absent is no error. */
int remove_tree(const char *path, struct err *e);

/* $XDG_STATE_HOME/chaos or ~/.local/state/chaos, from the two values as given (either may be
 * NULL). The caller frees. NULL with EXIT_RUNTIME if neither is set. */
char *state_dir(const char *xdg_state_home, const char *home, struct err *e);

/* Opens /dev/null in place of closed standard descriptors, so that no later file takes their
 * numbers: stdin for writing and stdout for reading, so that using them still fails. Call first in
 * a program that passes descriptors on. */
void fd_guard_standard(void);

/* Flushes and closes what a program wrote to fd. A reader that has gone
 * (EPIPE) is a quiet success; a full disk is not. */
int close_checked(int fd, const char *name, struct err *e);

#endif
