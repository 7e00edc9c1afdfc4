#include "journal/guard_client.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "conf/key_vars.h"
#include "sys/file.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const int64_t ready_within_ns = 10 * NS_PER_S;
enum { END_WITHIN_MS = 2000 };

static int no_guard(struct err *e)
{
	err_prefix(e, "no guard runs, so no fault can be injected");
	e->code = EXIT_RUNTIME;
	return -1;
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
	*g = (struct guard){.fd = -1, .ready_by_ns = mono_ns() + ready_within_ns};
	char *programs = mem_printf("%s/programs", state); /* which it is to hold */
	int made = make_dirs(programs, 0700, e);
	free(programs);
	if (made)
		return no_guard(e);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		err_sys(e, errno, "cannot make a socket");
		return no_guard(e);
	}
	int rc = run(g, state, owner, ends[1], e);
	close(ends[1]);
	g->fd = ends[0];
	if (!rc)
		return 0;
	close(ends[0]);
	*g = (struct guard){.fd = -1};
	return no_guard(e);
}

int guard_ready(struct guard *g, struct err *e)
{
	char ready;
	if (g->ready)
		return 1;
	ssize_t n = g->lost ? 0 : recv(g->fd, &ready, 1, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR) && mono_ns() < g->ready_by_ns) {
		err_runtime(e, "the guard is starting");
		return 0;
	}
	g->ready = n == 1;
	if (g->ready)
		return 1;
	err_runtime(e, "%s", n < 0 && errno == EAGAIN ? "it does not answer" : "it has ended");
	guard_end(g, false);
	g->lost = true;
	return no_guard(e);
}

/* The guard writes one byte when it is ready, which guard_ready may have read already; end of file
 * means that it has exited. */
static void readable(void *arg, int events)
{
	struct guard *g = arg;
	struct guard was = *g;
	struct err why;
	char none;
	(void)events;
	if (!g->ready) {
		if (guard_ready(g, &why) < 0) /* its callers get the error */
			was.died(was.arg);
		return;
	}
	if (recv(g->fd, &none, 1, MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	guard_end(g, false);
	was.died(was.arg);
}

int guard_watch(struct guard *g, struct loop *loop, void (*died)(void *arg), void *arg,
		struct err *e)
{
	g->died = died;
	g->arg = arg;
	g->watch = loop_fd_new(loop, g->fd, readable, g, e);
	if (!g->watch)
		return -1;
	loop_fd_set(g->watch, LOOP_READ);
	return 0;
}

int guard_tell(struct guard *g, const char *uid, const char *text, struct err *e)
{
	struct buf message = BUF_INIT;
	if (!g->id.pid)
		return err_runtime(e, "no guard runs, so no fault can be injected");
	buf_addf(&message, "%s\n%s", uid, text);
	ssize_t n = send(g->fd, message.data, message.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	int why = errno;
	buf_release(&message);
	return n < 0 ? err_sys(e, why, "cannot write to the guard") : 0;
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
