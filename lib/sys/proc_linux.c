#include "sys/proc.h"

#include "base/buf.h"
#include "sys/sig.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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
	if (id->pid <= 0 || read_stat(id->pid, &state, &ticks) || ticks != id->start_ticks)
		return 0;
	return state;
}

bool proc_alive(const struct proc_id *id)
{
	char state = proc_state(id);
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

void proc_cmdline(pid_t pid, char *out, size_t size)
{
	char path[64];
	out[0] = '\0';
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t n = read(fd, out, size - 1);
	close(fd);
	if (n <= 0)
		return;
	out[n] = '\0';
	for (ssize_t i = 0; i < n - 1; i++)
		if (!out[i])
			out[i] = ' ';
}

/* --- starting ---------------------------------------------------------- */

static int or_null(int fd, int flags)
{
	return fd >= 0 ? fd : open("/dev/null", flags);
}

/* Puts three descriptors at 0, 1 and 2, also when they overlap. */
static int place_stdio(int in, int out, int err)
{
	int from[3] = {or_null(in, O_RDONLY), or_null(out, O_WRONLY), or_null(err, O_WRONLY)};
	for (int i = 0; i < 3; i++) {
		from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3);
		if (from[i] < 0)
			return -1;
	}
	for (int i = 0; i < 3; i++)
		if (dup2(from[i], i) < 0)
			return -1;
	return 0;
}

static void keep_only(int keep_fd)
{
	syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
	if (keep_fd > 2)
		fcntl(keep_fd, F_SETFD, 0);
}

static _Noreturn void exec_or_report(const char *const *argv, int report_fd)
{
	/* execvp takes char *const * for history's sake and changes nothing. */
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	int why = errno;
	ssize_t n = write(report_fd, &why, sizeof why);
	(void)n;
	_exit(127);
}

/* Reads what exec_or_report wrote: 0 if the exec went well. */
static int exec_failure(int fd)
{
	int why = 0;
	ssize_t n;
	do
		n = read(fd, &why, sizeof why);
	while (n < 0 && errno == EINTR);
	return n == sizeof why ? why : 0;
}

static _Noreturn void run_child(const struct proc_spawn *s, pid_t parent, int report_fd)
{
	if (s->die_with_parent) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(127); /* it was gone before we asked */
	}
	if (s->own_group)
		setpgid(0, 0);
	sig_reset_all();
	if ((s->cwd && chdir(s->cwd)) || place_stdio(s->in, s->out, s->err)) {
		int why = errno;
		ssize_t n = write(report_fd, &why, sizeof why);
		(void)n;
		_exit(127);
	}
	keep_only(s->keep_fd);
	exec_or_report(s->argv, report_fd);
}

pid_t proc_spawn(const struct proc_spawn *s, struct err *e)
{
	int report[2];
	if (pipe2(report, O_CLOEXEC))
		return err_sys(e, errno, "cannot make a pipe");
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		run_child(s, parent, report[1]);
	int fork_errno = errno;
	close(report[1]);
	if (pid < 0) {
		close(report[0]);
		return err_sys(e, fork_errno, "cannot fork");
	}
	int why = exec_failure(report[0]);
	close(report[0]);
	if (why) {
		waitpid(pid, NULL, 0);
		return err_sys(e, why, "cannot run '%s'", s->argv[0]);
	}
	return pid;
}

struct daemon_report {
	pid_t pid;
	int why;
};

static _Noreturn void run_daemon(const char *const *argv, const char *cwd, const char *log_path,
				 int report_fd)
{
	struct daemon_report r = {.pid = getpid()};
	sig_reset_all();
	int log = open(log_path ? log_path : "/dev/null", O_WRONLY | O_APPEND | O_CREAT, 0644);
	if (log < 0 || (cwd && chdir(cwd)) || place_stdio(-1, log, log)) {
		r.why = errno;
		ssize_t n = write(report_fd, &r, sizeof r);
		(void)n;
		_exit(127);
	}
	ssize_t n = write(report_fd, &r, sizeof r);
	(void)n;
	keep_only(-1);
	exec_or_report(argv, report_fd);
}

int proc_daemon(const char *const *argv, const char *cwd, const char *log_path,
		struct proc_id *id, struct err *e)
{
	int report[2];
	if (pipe2(report, O_CLOEXEC))
		return err_sys(e, errno, "cannot make a pipe");
	pid_t middle = fork();
	if (middle == 0) {
		setsid();
		pid_t pid = fork();
		if (pid == 0)
			run_daemon(argv, cwd, log_path, report[1]);
		_exit(pid < 0);
	}
	close(report[1]);
	struct daemon_report r = {0};
	if (middle > 0)
		waitpid(middle, NULL, 0);
	if (middle < 0 || read(report[0], &r, sizeof r) != sizeof r) {
		close(report[0]);
		return err_sys(e, errno ? errno : EAGAIN, "cannot fork");
	}
	if (!r.why)
		r.why = exec_failure(report[0]);
	close(report[0]);
	if (r.why)
		return err_sys(e, r.why, "cannot run '%s'", argv[0]);
	return proc_identify(r.pid, id, e);
}

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

/* --- ports ------------------------------------------------------------- */

/* The socket inode that listens on port in one of the kernel's tables, 0 if none. State
 * 0A is LISTEN. */
static unsigned long listen_inode_in(const char *table, int port)
{
	FILE *f = fopen(table, "re");
	char line[512];
	unsigned long inode = 0;
	while (f && !inode && fgets(line, sizeof line, f)) {
		char address[64];
		unsigned int p, state;
		unsigned long i;
		if (sscanf(line, " %*d: %63[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*s %*s %lu",
			   address, &p, &state, &i) == 4 &&
		    (int)p == port && state == 0x0a)
			inode = i;
	}
	if (f)
		fclose(f);
	return inode;
}

static unsigned long listen_inode(int port)
{
	unsigned long inode = listen_inode_in("/proc/net/tcp", port);
	return inode ? inode : listen_inode_in("/proc/net/tcp6", port);
}

bool port_listening(int port)
{
	return listen_inode(port) != 0;
}

static bool holds_socket(const char *pid, const char *want)
{
	char path[300], link[64];
	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	DIR *d = opendir(path);
	bool found = false;
	struct dirent *de;
	while (d && !found && (de = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), de->d_name, link, sizeof link - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		found = strcmp(link, want) == 0;
	}
	if (d)
		closedir(d);
	return found;
}

pid_t port_owner(int port)
{
	unsigned long inode = listen_inode(port);
	if (!inode)
		return 0;
	char want[64];
	snprintf(want, sizeof want, "socket:[%lu]", inode);
	DIR *d = opendir("/proc");
	struct dirent *de;
	pid_t owner = 0;
	while (d && !owner && (de = readdir(d)))
		if (de->d_name[0] >= '1' && de->d_name[0] <= '9' && holds_socket(de->d_name, want))
			owner = (pid_t)atoi(de->d_name);
	if (d)
		closedir(d);
	return owner;
}
