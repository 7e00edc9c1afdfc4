#include "sys/file.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* For a descriptor that somebody made non-blocking, such as a terminal that was handed on. */
static void wait_for(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};
	poll(&p, 1, -1);
}

int write_all(int fd, const void *data, size_t len, struct err *e)
{
	const char *at = data;
	while (len) {
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			wait_for(fd, POLLOUT);
			continue;
		}
		if (n < 0)
			return err_sys(e, errno, "cannot write");
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int fd_read_all(int fd, const char *name, struct buf *out, struct err *e)
{
	for (;;) {
		buf_grow(out, 65536);
		ssize_t n = read(fd, out->data + out->len, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			wait_for(fd, POLLIN);
			continue;
		}
		if (n < 0)
			return err_read(e, errno, name);
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		out->data[out->len] = '\0';
	}
}

/* True if the errno means that the user named a wrong path. */
static bool wrong_name(int why)
{
	return why == ENOENT || why == ENOTDIR || why == EISDIR || why == EACCES ||
	       why == ENAMETOOLONG || why == ELOOP;
}

int file_err_named(struct err *e)
{
	if (wrong_name(e->sys_errno))
		e->code = EXIT_USAGE;
	return -1;
}

int file_open(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	err_sys(e, errno, "cannot open '%s'", path);
	return file_err_named(e);
}

int file_read(const char *path, struct buf *out, struct err *e)
{
	int fd = file_open(path, e);
	if (fd < 0)
		return -1;
	int rc = fd_read_all(fd, path, out, e);
	close(fd);
	return rc ? file_err_named(e) : 0;
}

int file_read_text(const char *path, struct buf *out, struct err *e)
{
	if (file_read(path, out, e))
		return -1;
	buf_consume(out, utf8_mark_length(out->data, out->len));
	return 0;
}

/* Makes a rename durable: syncs the folder's entry. */
int sync_dir(const char *path, struct err *e)
{
	int rc = 0, fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		rc = err_sys(e, errno, "cannot sync the folder '%s'", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int sync_dir_of(const char *path, struct err *e)
{
	char *copy = mem_strdup(path);
	int rc = sync_dir(dirname(copy), e);
	free(copy);
	return rc;
}

static int write_synced(int fd, const char *path, const void *data, size_t len, mode_t mode,
			struct err *e)
{
	if (write_all(fd, data, len, e))
		return err_prefix(e, "'%s'", path);
	if (fchmod(fd, mode) || fsync(fd))
		return err_sys(e, errno, "cannot write '%s'", path);
	return 0;
}

static int replace_through(char *tmp, const char *path, const void *data, size_t len, mode_t mode,
			   struct err *e)
{
	int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "cannot write '%s'", path);
	int rc = write_synced(fd, path, data, len, mode, e);
	if (close(fd) && !rc)
		rc = err_sys(e, errno, "cannot write '%s'", path);
	if (!rc && rename(tmp, path))
		rc = err_sys(e, errno, "cannot write '%s'", path);
	if (rc)
		unlink(tmp);
	return rc ? rc : sync_dir_of(path, e);
}

/* Devices, pipes and terminals are written directly instead of replaced. */
static int write_special(const char *path, const void *data, size_t len, struct err *e)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_sys(e, errno, "cannot write '%s'", path);
	int rc = write_all(fd, data, len, e);
	close(fd);
	return rc ? err_prefix(e, "'%s'", path) : 0;
}

/* A name for an open descriptor, even if what it is open on is a regular file. */
static bool is_descriptor(const char *path)
{
	static const char *const where[] = {"/dev/std", "/dev/fd/"};
	for (size_t i = 0; i < ARRAY_LEN(where); i++)
		if (strncmp(path, where[i], strlen(where[i])) == 0)
			return true;
	return false;
}

int file_replace(const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	struct stat st;
	if (stat(path, &st) == 0 && (!S_ISREG(st.st_mode) || is_descriptor(path)))
		return write_special(path, data, len, e);
	char *full = realpath(path, NULL); /* a link stays, what it points to is replaced */
	char *tmp = mem_printf("%s.XXXXXX", full ? full : path);
	int rc = replace_through(tmp, full ? full : path, data, len, mode, e);
	free(tmp);
	free(full);
	return rc;
}

static int folder_writable(const char *path, const char *folder, struct err *e)
{
	struct stat st;
	if (stat(folder, &st))
		return errno == ENOENT
			       ? err_usage(e, "cannot write '%s': no such folder '%s'", path,
					   folder)
			       : err_usage(e, "cannot write '%s': %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_usage(e, "cannot write '%s': '%s' is no folder", path, folder);
	if (access(folder, W_OK))
		return err_usage(e, "cannot write into the folder '%s': %s", folder,
				 strerror(errno));
	return 0;
}

int file_writable(const char *path, struct err *e)
{
	struct stat st;
	if (!stat(path, &st)) {
		if (S_ISDIR(st.st_mode))
			return err_usage(e, "cannot write '%s': it is a folder", path);
		if (access(path, W_OK))
			return err_usage(e, "cannot write '%s': %s", path, strerror(errno));
		return 0;
	}
	if (!*path)
		return err_usage(e, "cannot write '': the name of the file is empty");
	const char *slash = strrchr(path, '/');
	char *folder = !slash	       ? mem_strdup(".")
		       : slash == path ? mem_strdup("/")
				       : mem_printf("%.*s", (int)(slash - path), path);
	int rc = folder_writable(path, folder, e);
	free(folder);
	return rc;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int make_dirs(const char *path, mode_t mode, struct err *e)
{
	if (!*path)
		return err_sys(e, ENOENT, "cannot make the folder ''");
	char *copy = mem_strdup(path);
	int rc = 0;
	for (char *at = copy + 1; !rc; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		char was = *at;
		*at = '\0';
		struct stat st;
		if (mkdir(copy, mode) &&
		    (errno != EEXIST || stat(copy, &st) || !S_ISDIR(st.st_mode)))
			rc = err_sys(e, errno, "cannot make the folder '%s'", copy);
		*at = was;
		if (!was)
			break;
	}
	free(copy);
	return rc;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int remove_tree(const char *path, struct err *e)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) && errno != ENOENT)
		return err_sys(e, errno, "cannot remove '%s'", path);
	return 0;
}

char *state_dir(const char *xdg_state_home, const char *home, struct err *e)
{
	if (xdg_state_home && *xdg_state_home == '/')
		return mem_printf("%s/chaos", xdg_state_home);
	if (home && *home == '/')
		return mem_printf("%s/.local/state/chaos", home);
	err_runtime(e, "neither XDG_STATE_HOME nor HOME says where to keep state");
	return NULL;
}

int close_checked(int fd, const char *name, struct err *e)
{
	if (close(fd) && errno != EPIPE && errno != EBADF)
		return err_sys(e, errno, "cannot write '%s'", name);
	return 0;
}

int out_write(int fd, const struct buf *text, struct err *e)
{
	if (write_all(fd, text->data, text->len, e) == 0 || e->sys_errno == EPIPE)
		return 0;
	return err_prefix(e, "standard output");
}

int out_finish(int fd, const struct buf *text, struct err *e)
{
	return out_write(fd, text, e) ? -1 : close_checked(fd, "standard output", e);
}

void fd_guard_standard(void)
{
	static const int how[] = {O_WRONLY, O_RDONLY, O_RDWR};
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", how[fd]); /* takes the lowest number, which is fd */
}
