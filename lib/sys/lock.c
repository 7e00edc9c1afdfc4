#include "sys/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_SIZE = 80 }; /* a run id has 64 at most */

/* -1 if another process has the lock; its pid means nothing where that is in another namespace, or
 * on another machine. */
static int check(int fd, const struct lock_said *said, struct err *e)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char words[WORDS_SIZE] = "";
	if (fcntl(fd, F_GETLK, &l) || l.l_type == F_UNLCK)
		return 0;
	if (pread(fd, words, sizeof words - 1, 0) < 0)
		words[0] = '\0';
	if (l.l_pid > 0)
		return err_usage(e, "%s%s%s (pid %d)", said->before, words, said->after, (int)l.l_pid);
	return err_usage(e, "%s%s%s, in another pid namespace", said->before, words, said->after);
}

static int write_words(int fd, const char *path, const char *words, struct err *e)
{
	size_t len = strlen(words);
	if (ftruncate(fd, 0) || pwrite(fd, words, len, 0) != (ssize_t)len)
		return err_sys(e, errno, "cannot write '%s'", path);
	return 0;
}

int lock_take(const char *path, const char *words, const struct lock_said *said, struct err *e)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644), rc = 0;
	if (fd < 0)
		return err_sys(e, errno, "cannot open '%s'", path);
	while (!rc && fcntl(fd, F_SETLK, &l)) /* whoever had it may just have let go */
		rc = errno == EACCES || errno == EAGAIN ? check(fd, said, e)
							: err_sys(e, errno, "cannot lock '%s'", path);
	if (!rc && !write_words(fd, path, words, e))
		return fd;
	close(fd);
	return -1;
}

int lock_check(const char *path, const struct lock_said *said, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int rc = fd < 0 ? 0 : check(fd, said, e);
	if (fd >= 0)
		close(fd);
	return rc;
}
