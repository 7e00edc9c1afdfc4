/* Writing to a file without waiting for its disk: poll(2) calls a file always ready, but write(2)
 * waits where the disk is slow, full of others' writes or far away. A thread of its own waits. */
#ifndef SYS_FILE_WRITER_H
#define SYS_FILE_WRITER_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct file_writer;

/* For fd, which stays the caller's. NULL on error. */
struct file_writer *file_writer_new(int fd, struct err *e);

/* Accepts NULL. Does not wait for a write that hangs: returns false then, and the data that
 * it writes from must stay until the process ends. */
bool file_writer_free(struct file_writer *w);

/* Readable when the write under way has ended. */
int file_writer_fd(const struct file_writer *w);

/* Begins a write, and returns -1 with EAGAIN; the data must stay until it has ended. The call after
 * it has ended begins none: it returns how it went, as write(2) does. Between, -1 with EAGAIN. */
ssize_t file_writer_write(struct file_writer *w, const void *data, size_t len);

#endif
