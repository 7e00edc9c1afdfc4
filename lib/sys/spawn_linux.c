/* Starts children and daemons. */
#include "sys/proc.h"

#include "sys/limits.h"
#include "sys/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

#ifndef SYS_close_range /* headers of before Linux 5.9 */
#define SYS_close_range 436
#endif

static void mark_all_cloexec(void)
{
	long max = sysconf(_SC_OPEN_MAX);
	for (int fd = 3; fd < (max > 0 && max < 65536 ? max : 65536); fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void keep_only(int keep_fd, int keep_too)
{
	if (syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */))
		mark_all_cloexec(); /* before Linux 5.11 */
	if (keep_fd > 2)
		fcntl(keep_fd, F_SETFD, 0);
	if (keep_too > 2)
		fcntl(keep_too, F_SETFD, 0);
}

/* Forks with all signals blocked, so that no handler of the parent runs in the child before the
 * child has reset them. The parent's mask is restored. */
static pid_t fork_quietly(void)
{
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	int why = errno;
	if (pid != 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return pid;
}

static void wait_for(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* A pipe for the report of a child that could not exec, clear of the child's 0, 1 and 2. */
static int report_pipe(int fds[2], struct err *e)
{
	int low[2];
	if (pipe2(low, O_CLOEXEC))
		return err_sys(e, errno, "cannot make a pipe");
	for (int i = 0; i < 2; i++) {
		fds[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 3);
		close(low[i]);
	}
	if (fds[0] >= 0 && fds[1] >= 0)
		return 0;
	int why = errno;
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
	return err_sys(e, why, "cannot make a pipe");
}

static void drop(const char *const *variables)
{
	for (; variables && *variables; variables++)
		unsetenv(*variables);
}

static _Noreturn void report_failure(int report_fd)
{
	int why = errno;
	ssize_t n = write(report_fd, &why, sizeof why);
	(void)n;
	_exit(127);
}

/* env: the whole environment, or NULL: as it is. */
static _Noreturn void exec_or_report(const char *const *argv, const char *const *env, int report_fd)
{
	/* They take char *const * for history's sake and change nothing. */
	if (env)
		execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	else
		execvp(argv[0], (char *const *)(uintptr_t)argv);
	report_failure(report_fd);
}

/* True if all bytes came; a signal interrupts nothing. */
static bool read_once(int fd, void *out, size_t size)
{
	ssize_t n;
	do
		n = read(fd, out, size);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)size;
}

/* Reads what exec_or_report wrote: 0 if the exec went well. */
static int exec_failure(int fd)
{
	int why;
	return read_once(fd, &why, sizeof why) ? why : 0;
}

/* Moves both descriptors to their numbers, and the report out of their way. */
static int place_kept(const struct proc_spawn *s, int *report_fd)
{
	int clear = s->keep_at + 2, high[2];
	int report = fcntl(*report_fd, F_DUPFD_CLOEXEC, clear);
	if (report < 0)
		return -1;
	*report_fd = report;
	high[0] = fcntl(s->keep_fd, F_DUPFD_CLOEXEC, clear);
	high[1] = fcntl(s->keep_too, F_DUPFD_CLOEXEC, clear);
	for (int i = 0; i < 2; i++)
		if (high[i] < 0 || dup2(high[i], s->keep_at + i) < 0)
			return -1;
	return 0;
}

static _Noreturn void run_child(const struct proc_spawn *s, pid_t parent, int report_fd)
{
	if (s->die_with_parent) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(127); /* the parent was gone before prctl */
	}
	if (s->own_group)
		setpgid(0, 0);
	sig_reset_all();
	if ((s->cwd && chdir(s->cwd)) || place_stdio(s->in, s->out, s->err) ||
	    (s->keep_at && place_kept(s, &report_fd)))
		report_failure(report_fd);
	if (s->keep_at)
		keep_only(s->keep_at, s->keep_at + 1);
	else
		keep_only(s->keep_fd, s->keep_too);
	drop(s->drop_env);
	exec_or_report(s->argv, s->env, report_fd);
}

pid_t proc_spawn(const struct proc_spawn *s, struct err *e)
{
	int report[2];
	if (report_pipe(report, e))
		return -1;
	pid_t parent = getpid(), pid = fork_quietly();
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
		wait_for(pid);
		return err_sys(e, why, "cannot run '%s'", s->argv[0]);
	}
	return pid;
}

struct daemon_report {
	struct proc_id id; /* read before exec, which does not change it */
	int why;
};

/* The child waits for its parent's permission; if the parent dies first, the child exits. */
static bool let_go(int gate_fd)
{
	char go;
	return read_once(gate_fd, &go, 1);
}

struct daemon_pipes {
	int report[2], gate[2];
};

static _Noreturn void run_daemon(const struct proc_daemon *d, const struct daemon_pipes *p)
{
	struct daemon_report r = {.id.pid = getpid()};
	struct err e = {0};
	close(p->gate[1]);
	sig_reset_all();
	/* What waits for a reader, or is elsewhere, is no log. */
	int log = open(d->log_path ? d->log_path : "/dev/null",
		       O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW, 0644);
	if (log < 0 || (d->cwd && chdir(d->cwd)) || place_stdio(d->in ? d->in : -1, log, log))
		r.why = errno;
	else if (proc_identify(getpid(), &r.id, &e))
		r.why = e.sys_errno;
	ssize_t n = write(p->report[1], &r, sizeof r);
	if (r.why || n != sizeof r || !let_go(p->gate[0]))
		_exit(127);
	keep_only(d->keep_fd, 0);
	drop(d->drop_env);
	for (char **v = d->env; v && *v; v++)
		putenv(*v);
	if (d->limits)
		limits_apply(d->limits);
	exec_or_report(d->argv, d->only_env, p->report[1]);
}

static struct daemon_report read_report(int fd)
{
	struct daemon_report r;
	return read_once(fd, &r, sizeof r) ? r : (struct daemon_report){.why = EAGAIN};
}

static pid_t fork_daemon(const struct proc_daemon *d, const struct daemon_pipes *p)
{
	pid_t middle = fork_quietly();
	if (middle != 0)
		return middle;
	setsid();
	pid_t pid = fork();
	if (pid == 0)
		run_daemon(d, p);
	struct daemon_report failed = {.why = errno};
	if (pid < 0 && write(p->report[1], &failed, sizeof failed) < 0)
		_exit(1);
	_exit(0);
}

/* After the fork: reports the identity, waits for before_exec, then executes. */
static int see_off(const struct proc_daemon *d, const struct daemon_pipes *p, struct proc_id *id,
		   struct err *e)
{
	struct daemon_report r = read_report(p->report[0]);
	if (r.id.pid == 0)
		return err_sys(e, r.why, "cannot fork");
	if (r.why)
		return err_sys(e, r.why, "cannot run '%s'", d->argv[0]);
	if (d->before_exec && d->before_exec(d->arg, &r.id, e))
		return -1;
	if (write(p->gate[1], "", 1) != 1)
		return err_sys(e, errno, "cannot run '%s'", d->argv[0]);
	int why = exec_failure(p->report[0]);
	if (why)
		return err_sys(e, why, "cannot run '%s'", d->argv[0]);
	*id = r.id;
	return 0;
}

int proc_daemon_run(const struct proc_daemon *d, struct proc_id *id, struct err *e)
{
	struct daemon_pipes p;
	if (report_pipe(p.report, e))
		return -1;
	if (report_pipe(p.gate, e)) {
		close(p.report[0]);
		close(p.report[1]);
		return -1;
	}
	pid_t middle = fork_daemon(d, &p);
	int rc = middle < 0 ? err_sys(e, errno, "cannot fork") : 0;
	close(p.report[1]);
	close(p.gate[0]);
	if (!rc) {
		wait_for(middle);
		rc = see_off(d, &p, id, e);
	}
	close(p.report[0]);
	close(p.gate[1]);
	return rc;
}
