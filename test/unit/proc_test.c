#include "base/buf.h"
#include "sys/file.h"
#include "sys/proc.h"
#include "sys/sig.h"

#include "unit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int exit_of(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Runs argv with its stdout in a pipe; the caller frees what it said. */
static char *output_of(struct proc_spawn s, int *status)
{
	int fds[2];
	struct err e;
	struct buf b = BUF_INIT;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	s.out = fds[1];
	pid_t pid = proc_spawn(&s, &e);
	if (pid < 0)
		fail_msg("%s", e.msg);
	close(fds[1]);
	assert_int_equal(fd_read_all(fds[0], "child", &b, &e), 0);
	close(fds[0]);
	*status = exit_of(pid);
	return buf_detach(&b);
}

static char *shell(const char *script, int *status)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	return output_of((struct proc_spawn){.argv = argv, .in = -1, .err = -1, .keep_fd = -1},
			 status);
}

static bool ends_within(int pidfd, int ms)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	return poll(&p, 1, ms) == 1;
}

/* --- children ----------------------------------------------------------------------- */

static int run_daemon(const char *const *argv, const char *cwd, const char *log_path,
		      struct proc_id *id, struct err *e)
{
	return proc_daemon_run(
		&(struct proc_daemon){
			.argv = argv, .cwd = cwd, .log_path = log_path, .keep_fd = -1},
		id, e);
}

static void a_child_gets_its_descriptors_and_no_others(void **state)
{
	(void)state;
	int status, leak = open("/dev/null", O_RDONLY), keep = open("/dev/null", O_RDONLY);
	int in[2];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(write(in[1], "hello", 5), 5);
	close(in[1]);
	char script[200];
	/* A glob opens no descriptor that outlives it, unlike ls. */
	snprintf(script, sizeof script,
		 "cat; for f in /proc/$$/fd/*; do n=${f##*/}; [ $n -le 2 ] || [ $n = %d ] || "
		 "readlink $f; done; [ -e /proc/$$/fd/%d ] && echo kept",
		 keep, keep);
	const char *argv[] = {"sh", "-c", script, NULL};
	char *out = output_of(
		(struct proc_spawn){.argv = argv, .in = in[0], .err = -1, .keep_fd = keep},
		&status);
	assert_string_equal(out, "hellokept\n");
	free(out);
	/* Two at chosen numbers, which are those of the report of exec. */
	const char *argv_at[] = {"sh", "-c", "for f in /proc/$$/fd/*; do n=${f##*/}; [ $n -lt 4 ] || { printf \"%s \" $n; readlink $f; }; done", NULL};
	int zero = open("/dev/zero", O_RDONLY);
	out = output_of((struct proc_spawn){.argv = argv_at, .in = -1, .err = -1, .keep_fd = keep, .keep_too = zero, .keep_at = 4},
			&status);
	assert_string_equal(out, "4 /dev/null\n5 /dev/zero\n");
	free(out);
	close(zero);
	close(in[0]);
	close(leak);
	close(keep);
}

/* The parent's 0, 1 and 2 crosswise: each must land where it was meant to. */
static void descriptors_that_overlap(void **state)
{
	(void)state;
	int fds[2], saved[2] = {dup(0), dup(1)};
	struct err e;
	const char *argv[] = {"sh", "-c", "read x; echo out $x; echo err $x >&2", NULL};
	char path[] = "/tmp/chaos-unit-XXXXXX", text[64] = "";
	int file = mkstemp(path);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "in\n", 3), 3);
	dup2(file, 0);	 /* our 0 becomes the child's 1 and 2 */
	dup2(fds[0], 1); /* our 1 becomes the child's 0 */
	struct proc_spawn s = {.argv = argv, .in = 1, .out = 0, .err = 0, .keep_fd = -1};
	pid_t pid = proc_spawn(&s, &e);
	dup2(saved[0], 0);
	dup2(saved[1], 1);
	assert_true(pid > 0);
	assert_int_equal(exit_of(pid), 0);
	assert_true(pread(file, text, sizeof text - 1, 0) > 0);
	assert_string_equal(text, "out in\nerr in\n");
	int all[] = {fds[0], fds[1], saved[0], saved[1], file};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		close(all[i]);
	unlink(path);
}

static void what_cannot_be_started_is_said_here(void **state)
{
	(void)state;
	static const struct {
		const char *program, *cwd;
		int why;
	} cases[] = {
		{"/no/such/program", NULL, ENOENT},
		{"no-such-program-in-path", NULL, ENOENT},
		{"/etc/passwd", NULL, EACCES},
		{"/bin/true", "/no/such/folder", ENOENT},
	};
	for (int round = 0; round < 2; round++) {
		int saved = dup(STDIN_FILENO);
		if (round)
			close(STDIN_FILENO); /* as in "chaos-load <&-" */
		for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
			struct err e = {0};
			struct proc_id id;
			const char *argv[] = {cases[i].program, NULL};
			struct proc_spawn s = {.argv = argv,
					       .in = -1,
					       .out = -1,
					       .err = -1,
					       .keep_fd = -1,
					       .cwd = cases[i].cwd};
			assert_int_equal(proc_spawn(&s, &e), -1);
			assert_int_equal(e.sys_errno, cases[i].why);
			assert_int_equal(e.code, EXIT_RUNTIME);
			assert_contains(e.msg, "cannot run '");
			assert_int_equal(run_daemon(argv, cases[i].cwd, NULL, &id, &e), -1);
			assert_int_equal(e.sys_errno, cases[i].why);
		}
		dup2(saved, STDIN_FILENO);
		close(saved);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left behind */
	assert_int_equal(errno, ECHILD);
}

static void ignore(int signo)
{
	(void)signo;
}

static void signals_are_at_default_in_a_child(void **state)
{
	(void)state;
	int status;
	sigset_t usr, before;
	sigemptyset(&usr);
	sigaddset(&usr, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr, &before);
	signal(SIGTERM, SIG_IGN);
	signal(SIGUSR2, ignore);
	sig_no_pipe_death();
	char *out = shell("grep -E '^Sig(Blk|Ign):' /proc/self/status; kill -PIPE $$; echo alive",
			  &status);
	signal(SIGTERM, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
	sigset_t now;
	sigprocmask(SIG_SETMASK, &before, &now);
	assert_true(sigismember(&now, SIGUSR1)); /* our own mask came back after the fork */
	assert_false(sigismember(&now, SIGINT));
	unsigned long long blocked, ignored;
	assert_int_equal(sscanf(out, "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
	assert_null(strstr(out, "alive"));
	assert_true(blocked == 0);
	assert_true((ignored & ~UINT64_C(0x180000000)) == 0); /* 32 and 33 are the C library's */
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
	free(out);
}

static void groups_and_folders(void **state)
{
	(void)state;
	int status;
	const char *argv[] = {"sh", "-c", "pwd; cut -d' ' -f1,5 /proc/$$/stat", NULL};
	char *out = output_of((struct proc_spawn){.argv = argv,
						  .in = -1,
						  .err = -1,
						  .keep_fd = -1,
						  .own_group = true,
						  .cwd = "/usr"},
			      &status);
	int pid, group;
	assert_int_equal(sscanf(out, "/usr\n%d %d", &pid, &group), 2);
	assert_int_equal(pid, group);
	free(out);
}

/* A parent that is killed takes its child along. */
static void a_child_dies_with_its_parent(void **state)
{
	(void)state;
	int fds[2];
	struct err e;
	struct proc_id id;
	assert_int_equal(pipe(fds), 0);
	pid_t middle = fork();
	if (middle == 0) {
		const char *argv[] = {"sleep", "60", NULL};
		struct proc_spawn s = {.argv = argv,
				       .in = -1,
				       .out = -1,
				       .err = -1,
				       .keep_fd = -1,
				       .die_with_parent = true,
				       .own_group = true};
		pid_t pid = proc_spawn(&s, &e);
		if (write(fds[1], &pid, sizeof pid) != sizeof pid)
			_exit(1);
		pause();
		_exit(0);
	}
	pid_t pid = 0;
	assert_int_equal(read(fds[0], &pid, sizeof pid), sizeof pid);
	assert_int_equal(proc_identify(pid, &id, &e), 0);
	int pidfd = proc_pidfd(&id, &e);
	assert_true(pidfd >= 0);
	assert_false(ends_within(pidfd, 20));
	kill(middle, SIGKILL);
	exit_of(middle);
	assert_true(ends_within(pidfd, 5000));
	close(pidfd);
	close(fds[0]);
	close(fds[1]);
}

/* --- identity ------------------------------------------------------------------------ */

static void who_is_who(void **state)
{
	(void)state;
	struct proc_id id, none;
	struct err e;
	const char *argv[] = {"sleep", "60", NULL};
	struct proc_spawn s = {.argv = argv, .in = -1, .out = -1, .err = -1, .keep_fd = -1};
	pid_t pid = proc_spawn(&s, &e);
	assert_int_equal(proc_identify(pid, &id, &e), 0);
	assert_true(proc_alive(&id));
	assert_true(proc_state(&id) == 'S' || proc_state(&id) == 'R');
	char line[64];
	proc_program(pid, line, sizeof line);
	assert_string_equal(line, "sleep"); /* no argument: it may be a password */
	proc_program(pid, line, 4);
	assert_string_equal(line, "sle");

	assert_int_equal(proc_signal(&id, SIGSTOP, &e), 0);
	int status;
	waitpid(pid, &status, WUNTRACED);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(proc_state(&id), 'T');
	assert_true(proc_alive(&id));

	/* The pid was given to another process: nothing is signalled. */
	struct proc_id other = {.pid = pid, .start_ticks = id.start_ticks + 1};
	assert_false(proc_alive(&other));
	assert_int_equal(proc_state(&other), 0);
	assert_int_equal(proc_signal(&other, SIGKILL, &e), -1);
	assert_int_equal(e.sys_errno, ESRCH);
	assert_int_equal(proc_pidfd(&other, &e), -1);
	assert_true(proc_alive(&id));

	int pidfd = proc_pidfd(&id, &e);
	assert_int_equal(fcntl(pidfd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(proc_signal(&id, SIGKILL, &e), 0);
	assert_true(ends_within(pidfd, 5000));
	close(pidfd);
	/* Not waited for yet: a zombie counts as gone. */
	assert_int_equal(proc_state(&id), 'Z');
	assert_false(proc_alive(&id));
	assert_int_equal(proc_signal(&id, SIGTERM, &e), -1);
	assert_int_equal(e.sys_errno, ESRCH);
	assert_int_equal(proc_identify(pid, &none, &e), -1);
	exit_of(pid);
	assert_int_equal(proc_state(&id), 0);
	proc_program(pid, line, sizeof line);
	assert_string_equal(line, "");
	static const pid_t bad[] = {0, -1, 1 << 30};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct proc_id wrong = {.pid = bad[i]};
		assert_int_equal(proc_identify(bad[i], &none, &e), -1);
		assert_false(proc_alive(&wrong));
		assert_int_equal(proc_signal(&wrong, SIGTERM, &e), -1); /* never a whole group */
	}
}

/* The name in /proc/PID/stat may hold anything, parentheses and blanks too. */
static void a_name_that_looks_like_stat_fields(void **state)
{
	(void)state;
	char dir[] = "/tmp/chaos-unit-XXXXXX", program[64];
	struct proc_id id;
	struct err e;
	assert_non_null(mkdtemp(dir));
	snprintf(program, sizeof program, "%s/x) Z 1 (y", dir);
	assert_int_equal(symlink("/bin/sleep", program), 0);
	const char *argv[] = {program, "60", NULL};
	struct proc_spawn s = {.argv = argv, .in = -1, .out = -1, .err = -1, .keep_fd = -1};
	pid_t pid = proc_spawn(&s, &e);
	assert_true(pid > 0);
	assert_int_equal(proc_identify(pid, &id, &e), 0);
	assert_true(proc_alive(&id));
	kill(pid, SIGKILL);
	exit_of(pid);
	assert_int_equal(remove_tree(dir, &e), 0);
}

/* --- daemons --------------------------------------------------------------------------- */

/* Some descriptor of the process that is none of the standard three, or -1. */
static int descriptor_above_2(pid_t pid)
{
	char fds[64];
	int found = -1;
	snprintf(fds, sizeof fds, "/proc/%d/fd", (int)pid);
	DIR *d = opendir(fds);
	struct dirent *de;
	assert_non_null(d);
	while ((de = readdir(d)))
		if (de->d_name[0] != '.' && atoi(de->d_name) > 2)
			found = atoi(de->d_name);
	closedir(d);
	return found;
}

static void a_daemon_is_nobodys_child(void **state)
{
	(void)state;
	char dir[] = "/tmp/chaos-unit-XXXXXX", log[64], text[64];
	struct proc_id id;
	struct err e;
	int leak = open("/dev/null", O_RDONLY);
	assert_non_null(mkdtemp(dir));
	snprintf(log, sizeof log, "%s/log", dir);
	assert_int_equal(file_replace(log, "before\n", 7, 0644, &e), 0);
	const char *argv[] = {"sh", "-c", "echo out; echo err >&2; pwd; exec sleep 60", NULL};
	assert_int_equal(run_daemon(argv, "/usr", log, &id, &e), 0);
	assert_true(proc_alive(&id));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_not_equal(getsid(id.pid), getsid(0));
	assert_int_not_equal(getpgid(id.pid), getpgid(0));

	/* When the shell has become sleep, its output is complete. */
	for (int i = 0; i < 500; i++, usleep(10000)) {
		proc_program(id.pid, text, sizeof text);
		if (strcmp(text, "sleep") == 0)
			break;
	}
	assert_string_equal(text, "sleep");
	assert_true(proc_alive(&id)); /* an exec does not change who it is */
	struct buf b = BUF_INIT;
	assert_int_equal(file_read(log, &b, &e), 0);
	assert_string_equal(b.data, "before\nout\nerr\n/usr\n"); /* appended */
	buf_release(&b);

	/* The loader of sleep opens libraries for a moment; what is inherited stays. */
	int extra = -1;
	for (int i = 0; i < 500 && (extra = descriptor_above_2(id.pid)) >= 0; i++)
		usleep(10000);
	assert_int_equal(extra, -1);

	int pidfd = proc_pidfd(&id, &e);
	assert_int_equal(proc_signal(&id, SIGKILL, &e), 0);
	assert_true(ends_within(pidfd, 5000));
	close(pidfd);
	close(leak);
	assert_int_equal(remove_tree(dir, &e), 0);
}

/* Who it was is known even if it ends at once, so that its end can be told from a failed start. */
static void a_daemon_that_ends_at_once(void **state)
{
	(void)state;
	struct err e;
	const char *argv[] = {"true", NULL};
	for (int i = 0; i < 50; i++) {
		struct proc_id id = {0};
		assert_int_equal(run_daemon(argv, NULL, NULL, &id, &e), 0);
		assert_true(id.pid > 0 && id.start_ticks > 0);
		for (int k = 0; k < 500 && proc_alive(&id); k++)
			usleep(10000);
		assert_false(proc_alive(&id));
	}
}

static void a_daemon_without_a_log_folder(void **state)
{
	(void)state;
	struct proc_id id;
	struct err e;
	const char *argv[] = {"sleep", "60", NULL};
	assert_int_equal(run_daemon(argv, NULL, "/no/such/folder/log", &id, &e), -1);
	assert_int_equal(e.sys_errno, ENOENT);
}

/* --- ports and siblings -------------------------------------------------------------------- */

static int listener(int family, int *port)
{
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	bool six = family == AF_INET6;
	struct sockaddr *a = six ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4;
	socklen_t len = six ? sizeof a6 : sizeof a4;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, a, len) || getsockname(fd, a, &len))
		return -1;
	*port = ntohs(six ? a6.sin6_port : a4.sin_port);
	return fd;
}

static void who_listens(void **state)
{
	(void)state;
	static const int families[] = {AF_INET, AF_INET6};
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		int port = 0, fd = listener(families[i], &port);
		if (fd < 0 && families[i] == AF_INET6)
			continue; /* a machine without IPv6 */
		assert_true(fd >= 0);
		assert_false(port_listening(port)); /* bound is not listening */
		assert_int_equal(port_owner(port), 0);
		assert_int_equal(listen(fd, 5), 0);
		assert_true(port_listening(port));
		assert_int_equal(port_owner(port), getpid());
		close(fd);
		assert_false(port_listening(port));
	}
}

/* A process with a listener of its own on the port; ends when the pipe closes. */
static pid_t sharer(int port, int parent_end)
{
	int ready[2];
	char c;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
		if (bind(fd, (void *)&a, sizeof a) || listen(fd, 5) || write(ready[1], "!", 1) != 1)
			_exit(1);
		_exit(read(parent_end, &c, 1) == 0 ? 0 : 1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

/* SO_REUSEPORT: one listener for each worker. Whoever the kernel names last is seen too. */
static void many_listeners(void **state)
{
	enum { OURS = 12 };
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof a;
	int fds[OURS], one = 1, hold[2];
	pid_t first = 0, last = 0;
	(void)state;
	assert_int_equal(pipe(hold), 0);
	fcntl(hold[1], F_SETFD, FD_CLOEXEC);
	for (int i = 0; i < OURS; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		setsockopt(fds[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
		assert_int_equal(bind(fds[i], (void *)&a, sizeof a), 0);
		getsockname(fds[i], (void *)&a, &size);
		if (!i)
			first = sharer(ntohs(a.sin_port), hold[0]);
		assert_int_equal(listen(fds[i], 5), 0);
	}
	last = sharer(ntohs(a.sin_port), hold[0]);
	bool seen = port_served_by(ntohs(a.sin_port), first) && port_served_by(ntohs(a.sin_port), last);
	kill(first, SIGKILL);
	kill(last, SIGKILL);
	waitpid(first, NULL, 0);
	waitpid(last, NULL, 0);
	for (int i = 0; i < OURS; i++)
		close(fds[i]);
	close(hold[0]);
	close(hold[1]);
	assert_true(seen);
}

static void siblings_stand_beside_us(void **state)
{
	(void)state;
	char *self = proc_sibling("proc_test");
	char *missing = proc_sibling("no-such-program");
	assert_int_equal(self[0], '/');
	assert_string_equal(strrchr(self, '/'), "/proc_test");
	assert_string_equal(missing, "no-such-program");
	free(self);
	free(missing);
}

/* --- signals ---------------------------------------------------------------------------------- */

static void dying_by_a_signal(void **state)
{
	(void)state;
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		pid_t pid = fork();
		if (pid == 0) {
			sigset_t all;
			sigfillset(&all);
			sigprocmask(SIG_SETMASK, &all, NULL);
			signal(signals[i], ignore);
			sig_die(signals[i]);
		}
		int status = exit_of(pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
	}
}

int main(void)
{
	static const struct CMUnitTest proc[] = {
		cmocka_unit_test(a_child_gets_its_descriptors_and_no_others),
		cmocka_unit_test(descriptors_that_overlap),
		cmocka_unit_test(what_cannot_be_started_is_said_here),
		cmocka_unit_test(signals_are_at_default_in_a_child),
		cmocka_unit_test(groups_and_folders),
		cmocka_unit_test(a_child_dies_with_its_parent),
		cmocka_unit_test(who_is_who),
		cmocka_unit_test(a_name_that_looks_like_stat_fields),
		cmocka_unit_test(a_daemon_is_nobodys_child),
		cmocka_unit_test(a_daemon_that_ends_at_once),
		cmocka_unit_test(a_daemon_without_a_log_folder),
		cmocka_unit_test(who_listens),
		cmocka_unit_test(many_listeners),
		cmocka_unit_test(siblings_stand_beside_us),
		cmocka_unit_test(dying_by_a_signal),
	};
	return RUN_GROUP(proc);
}
