#include "sys/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static pid_t holder_of(int fd)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (fcntl(fd, F_GETLK, &l) || l.l_type == F_UNLCK)
		return 0;
	return l.l_pid > 0 ? l.l_pid : LOCK_HOLDER_UNKNOWN;
}

static int write_words(int fd, const char *path, const char *words, struct err *e)
{
	size_t len = strlen(words);
	if (ftruncate(fd, 0) || pwrite(fd, words, len, 0) != (ssize_t)len)
		return err_sys(e, errno, "cannot write '%s'", path);
	return 0;
}

int lock_take(const char *path, const char *words, pid_t *holder, struct err *e)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	*holder = 0;
	if (fd < 0)
		return err_sys(e, errno, "cannot open '%s'", path);
	while (fcntl(fd, F_SETLK, &l)) {
		bool taken = errno == EACCES || errno == EAGAIN;
		if (taken && !(*holder = holder_of(fd)))
			continue; /* it has just let go */
		if (!taken)
			err_sys(e, errno, "cannot lock '%s'", path);
		close(fd);
		return -1;
	}
	if (write_words(fd, path, words, e)) {
		close(fd);
		return -1;
	}
	return fd;
}

pid_t lock_holder(const char *path, char *words, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	words[0] = '\0';
	if (fd < 0)
		return 0;
	pid_t pid = holder_of(fd);
	ssize_t n = pread(fd, words, size - 1, 0);
	words[n > 0 ? n : 0] = '\0';
	close(fd);
	return pid;
}
