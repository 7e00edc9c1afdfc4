/* Process identities, through /proc and pidfds. */
#include "sys/proc.h"

#include "base/buf.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* proc(5): the second field is the name in parentheses and may hold anything, so the
 * fields are counted from the last ')'. */
static int read_stat(pid_t pid, char *state, uint64_t *start_ticks)
{
	char path[64], text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	const char *paren = strrchr(text, ')');
	if (!paren || sscanf(paren + 1,
			     " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
			     "%*d %*d %*d %" SCNu64,
			     state, start_ticks) != 2)
		return -1;
	return 0;
}

static bool dead_state(char state)
{
	return state == 'Z' || state == 'X' || state == 'x';
}

int proc_identify(pid_t pid, struct proc_id *id, struct err *e)
{
	char state;
	uint64_t ticks;
	if (pid <= 0 || read_stat(pid, &state, &ticks) || dead_state(state))
		return err_sys(e, ESRCH, "no process %d", (int)pid);
	*id = (struct proc_id){.pid = pid, .start_ticks = ticks};
	return 0;
}

char proc_state(const struct proc_id *id)
{
	char state;
	uint64_t ticks;
	errno = 0;
	if (id->pid <= 0 || read_stat(id->pid, &state, &ticks) || ticks != id->start_ticks)
		return 0;
	return state;
}

/* The inodes of the initial namespaces (linux/proc_ns.h), which do not change. */
static const char first_pid_space[] = "pid:[4026531836]";
static const char first_time_space[] = "time:[4026531834]";

/* The namespaces of a process, or of this one ("self"), as in a world. -1 if they cannot be seen.
 */
static int read_spaces(const char *pid, char out[static PROC_WORLD_MAX / 2])
{
	char path[64], time[24] = "";
	snprintf(path, sizeof path, "/proc/%.20s/ns/pid", pid);
	ssize_t n = readlink(path, out, 20);
	out[n > 0 ? n : 0] = '\0';
	if (n <= 0)
		return -1;
	snprintf(path, sizeof path, "/proc/%.20s/ns/time", pid);
	ssize_t m = readlink(path, time, sizeof time - 1); /* Linux before 5.6 has none */
	if (m > 0 && strcmp(time, first_time_space) != 0)
		snprintf(out + n, PROC_WORLD_MAX / 2 - (size_t)n, " %s", time);
	return 0;
}

int proc_world(char out[static PROC_WORLD_MAX], struct err *e)
{
	static const char boot_id[] = "/proc/sys/kernel/random/boot_id";
	char boot[40] = "", spaces[PROC_WORLD_MAX / 2] = "";
	int fd = open(boot_id, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, boot, sizeof boot - 1);
	int rc = n > 0 ? 0 : err_sys(e, errno, "cannot read '%s'", boot_id);
	if (fd >= 0)
		close(fd);
	boot[n > 0 ? n : 0] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
	if (!rc && read_spaces("self", spaces))
		rc = err_sys(e, errno, "cannot see the pid namespace in /proc");
	snprintf(out, PROC_WORLD_MAX, "%s %s", boot, spaces);
	return rc;
}

bool proc_world_gone(const char *world)
{
	char here[PROC_WORLD_MAX], spaces[PROC_WORLD_MAX / 2];
	struct err ignored;
	size_t boot = proc_world(here, &ignored) ? 0 : strcspn(here, " ");
	if (!boot || strncmp(world, here, boot + 1) != 0 ||
	    strncmp(here + boot + 1, first_pid_space, sizeof first_pid_space - 1) != 0)
		return false;
	DIR *d = opendir("/proc");
	bool gone = d;
	for (struct dirent *de; gone && (de = readdir(d));) {
		/* The first process may hide its namespaces, which are the first ones. */
		if (!isdigit((unsigned char)de->d_name[0]) || strcmp(de->d_name, "1") == 0)
			continue;
		if (read_spaces(de->d_name, spaces) == 0)
			gone = strcmp(spaces, world + boot + 1) != 0;
		else /* it has ended, or may not be looked at */
			gone = errno == ENOENT || errno == ESRCH;
	}
	if (d)
		closedir(d);
	return gone;
}

/* Where no descriptor is left to look with, a process is taken for alive while its pid is. */
bool proc_alive(const struct proc_id *id)
{
	char state = proc_state(id);
	if (!state && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		return id->pid > 0 && (kill(id->pid, 0) == 0 || errno == EPERM);
	return state && !dead_state(state);
}

/* The pidfd is opened first and the identity checked behind it: from then on
 * the descriptor means this process, whatever becomes of the number. */
int proc_pidfd(const struct proc_id *id, struct err *e)
{
	int fd = id->pid > 0 ? (int)syscall(SYS_pidfd_open, id->pid, 0) : -1;
	if (fd >= 0 && proc_alive(id))
		return fd;
	int why = fd >= 0 || id->pid <= 0 ? ESRCH : errno;
	if (fd >= 0)
		close(fd);
	return err_sys(e, why, "process %d", (int)id->pid);
}

int proc_signal(const struct proc_id *id, int signo, struct err *e)
{
	int fd = proc_pidfd(id, e), rc = 0;
	if (fd < 0)
		return -1;
	if (syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0))
		rc = err_sys(e, errno, "cannot signal process %d", (int)id->pid);
	close(fd);
	return rc;
}

int proc_signal_group(const struct proc_id *id, int signo, struct err *e)
{
	int fd = proc_pidfd(id, e), rc = 0;
	if (fd < 0)
		return -1;
	/* While the process lives, so does its group, under this very number. */
	pid_t group = getpgid(id->pid);
	if (group > 1 && group != getpgrp() && proc_alive(id))
		rc = kill(-group, signo);
	else
		rc = (int)syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0);
	if (rc)
		rc = err_sys(e, errno, "cannot signal process %d", (int)id->pid);
	close(fd);
	return rc;
}

void proc_program(pid_t pid, char *out, size_t size)
{
	char path[64];
	out[0] = '\0';
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t n = read(fd, out, size - 1);
	close(fd);
	out[n < 0 ? 0 : n] = '\0';
	out[strcspn(out, " ")] = '\0'; /* some write over their arguments as one text */
}

/* The folder of this program's own file; the caller frees. */
char *proc_own_dir(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	if (n <= 0)
		return mem_strdup(".");
	path[n] = '\0';
	char *slash = strrchr(path, '/');
	*(slash ? slash : path) = '\0';
	return mem_strdup(path);
}

char *proc_libexec(const char *what)
{
	char *own = proc_own_dir(), *dir = NULL;
	const char *build = NULL, *in = "";
	for (const char *at = own; (at = strstr(at, "/build/")); at++)
		in = (build = at) + strlen("/build/");
	const char *slash = strchr(in, '/');
	if (build && strcmp(slash ? slash + 1 : in, "bin") == 0)
		dir = mem_printf("%.*s/libexec/%s", (int)(build - own), own, what);
	else
		dir = mem_printf("%s/../libexec/chaos/%s", own, what);
	free(own);
	return dir;
}

char *proc_sibling(const char *name)
{
	char *dir = proc_own_dir();
	char *path = mem_printf("%s/%s", dir, name);
	free(dir);
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return mem_strdup(name);
}

bool proc_is_program(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool proc_can_run(const char *path_or_name, const char *path)
{
	if (strchr(path_or_name, '/') || !path)
		return proc_is_program(path_or_name);
	char *copy = mem_strdup(path), *save = NULL;
	bool found = false;
	for (char *dir = strtok_r(copy, ":", &save); dir && !found;
	     dir = strtok_r(NULL, ":", &save)) {
		char *file = mem_printf("%s/%s", dir, path_or_name);
		found = proc_is_program(file);
		free(file);
	}
	free(copy);
	return found;
}
