#include "sys/nonblock.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void nonblock_init(struct nonblock *n, int fd)
{
	struct stat st;
	char path[32];
	*n = (struct nonblock){.fd = -1, .plain_fd = fd};
	if (fstat(fd, &st))
		return;
	if (S_ISSOCK(st.st_mode)) {
		n->fd = fd;
		n->socket = true;
	} else if (S_ISFIFO(st.st_mode) || isatty(fd)) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		n->fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		n->own_fd = n->fd >= 0;
	}
}

void nonblock_release(struct nonblock *n)
{
	if (n->own_fd)
		close(n->fd);
	*n = (struct nonblock){.fd = -1, .plain_fd = -1};
}

ssize_t nonblock_write(const struct nonblock *n, const void *data, size_t len)
{
	if (n->socket)
		return send(n->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	return write(n->fd >= 0 ? n->fd : n->plain_fd, data, len);
}
