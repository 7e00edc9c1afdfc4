#include "sys/own_file.h"

#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *why_not(const struct stat *st)
{
	if (st->st_uid != geteuid())
		return "belongs to another user";
	return st->st_mode & (S_IWGRP | S_IWOTH) ? "can be written to by other users" : NULL;
}

int own_open(const char *path, int flags, struct err *e)
{
	struct stat st;
	int fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, errno, "cannot open '%s'", path);
	const char *why = fstat(fd, &st) ? "cannot be looked at"
			  : !S_ISREG(st.st_mode) ? "is no regular file"
						 : why_not(&st);
	if (!why)
		return fd;
	close(fd);
	return err_runtime(e, "'%s' %s", path, why);
}

int own_read(const char *path, size_t max_bytes, struct buf *out, struct err *e)
{
	struct stat st;
	int fd = own_open(path, O_RDONLY, e);
	if (fd < 0)
		return -1;
	int rc = fstat(fd, &st) == 0 && (size_t)st.st_size <= max_bytes
			 ? fd_read_all(fd, path, out, e)
			 : err_runtime(e, "'%s' is longer than %zu bytes", path, max_bytes);
	close(fd);
	return rc;
}

int own_folder(const char *path, bool link_too, struct err *e)
{
	struct stat st;
	if (link_too ? stat(path, &st) : lstat(path, &st))
		return errno == ENOENT
			       ? 0
			       : err_usage(e, "cannot look at '%s': %s", path, strerror(errno));
	const char *why = S_ISLNK(st.st_mode) ? "is a link" : why_not(&st);
	return why ? err_usage(e, "the state folder '%s' %s", path, why) : 0;
}
