#include "journal/guard_client.h"

#include "base/buf.h"
#include "conf/key_vars.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READY_WITHIN_MS = 10000, END_WITHIN_MS = 2000 };

static int wait_ready(int fd, struct err *e)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char ready;
	int n;
	do
		n = poll(&p, 1, READY_WITHIN_MS);
	while (n < 0 && errno == EINTR);
	if (n == 1 && read(fd, &ready, 1) == 1)
		return 0;
	return err_runtime(e, "%s", n == 1 ? "it has ended" : "it does not answer");
}

static int run(struct guard *g, const char *state, const struct proc_id *owner, int its_end,
	       struct err *e)
{
	char pid[16], ticks[32], fd[16];
	char *program = proc_sibling("chaos-fault"), *log = mem_printf("%s/guard.log", state);
	snprintf(pid, sizeof pid, "%d", (int)owner->pid);
	snprintf(ticks, sizeof ticks, "%" PRIu64, owner->start_ticks);
	snprintf(fd, sizeof fd, "%d", its_end);
	const char *argv[] = {program, "guard", pid, ticks, fd, state, NULL};
	const struct proc_daemon d = {.argv = argv,
				      .cwd = "/",
				      .log_path = log,
				      .keep_fd = its_end,
				      .drop_env = key_vars};
	int rc = proc_daemon_run(&d, &g->id, e);
	free(program);
	free(log);
	return rc;
}

int guard_start(struct guard *g, const char *state, const struct proc_id *owner, struct err *e)
{
	int ends[2];
	*g = (struct guard){.fd = -1};
	if (make_dirs(state, 0700, e))
		return err_prefix(e, "no guard, so nothing is done");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		err_sys(e, errno, "cannot make a socket");
		return err_prefix(e, "no guard, so nothing is done");
	}
	int rc = run(g, state, owner, ends[1], e);
	close(ends[1]);
	if (!rc)
		rc = wait_ready(ends[0], e);
	if (rc) {
		close(ends[0]);
		*g = (struct guard){.fd = -1};
		err_prefix(e, "no guard, so nothing is done");
		e->code = EXIT_RUNTIME;
		return -1;
	}
	g->fd = ends[0];
	return 0;
}

static void has_died(void *arg, int events)
{
	struct guard *g = arg;
	(void)events;
	loop_fd_free(g->watch);
	g->watch = NULL;
	close(g->fd);
	g->fd = -1;
	g->id = (struct proc_id){0};
	g->died(g->arg);
}

int guard_watch(struct guard *g, struct loop *loop, void (*died)(void *arg), void *arg,
		struct err *e)
{
	g->died = died;
	g->arg = arg;
	g->watch = loop_fd_new(loop, g->fd, has_died, g, e);
	if (!g->watch)
		return -1;
	loop_fd_set(g->watch, LOOP_READ);
	return 0;
}

void guard_tell(struct guard *g, int64_t deadline_ns)
{
	if (g->id.pid)
		send(g->fd, &deadline_ns, sizeof deadline_ns, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void guard_end(struct guard *g, bool nothing_left)
{
	struct err ignored;
	if (!g->id.pid)
		return;
	struct pollfd p = {.fd = proc_pidfd(&g->id, &ignored), .events = POLLIN};
	loop_fd_free(g->watch);
	close(g->fd);
	if (nothing_left && p.fd >= 0)
		poll(&p, 1, END_WITHIN_MS);
	if (p.fd >= 0)
		close(p.fd);
	*g = (struct guard){.fd = -1};
}
