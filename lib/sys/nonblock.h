/* Writing without waiting, to a descriptor that other processes may share. */
#ifndef SYS_NONBLOCK_H
#define SYS_NONBLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct nonblock {
	int fd;	     /* to watch for room; negative if writes are plain, because they need not wait */
	bool own_fd; /* fd is a descriptor of ours */
	bool socket;
	int plain_fd; /* the descriptor as given */
};

/* Prepares for fd, which stays the caller's. O_NONBLOCK belongs to the open file, which the
 * shell or a sibling may share, so a pipe or terminal is opened anew and a socket asked per
 * write. A regular file or device is written plainly. */
void nonblock_init(struct nonblock *n, int fd);
void nonblock_release(struct nonblock *n);

/* write(2), -1 with EAGAIN where it would wait. */
ssize_t nonblock_write(const struct nonblock *n, const void *data, size_t len);

#endif
