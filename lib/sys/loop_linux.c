#include "sys/loop.h"

#include "base/buf.h"
#include "base/units.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <uv.h>

struct loop {
	uv_loop_t uv;
	void *shared;
};

struct loop_fd {
	uv_poll_t uv; /* first: libuv hands this back */
	void (*cb)(void *arg, int events);
	void *arg;
};

struct loop_timer {
	struct loop_fd *watch;
	int fd;
	int64_t at; /* as it is set; 0: not */
	void (*cb)(void *arg);
	void *arg;
};

struct loop_soon {
	uv_prepare_t uv; /* first: libuv hands this back */
	void (*cb)(void *arg);
	void *arg;
};

struct loop_signal {
	uv_signal_t uv; /* first: libuv hands this back */
	void (*cb)(void *arg, int signo);
	void *arg;
};

/* libuv aborts where its first loop finds no descriptors for its pipe. */
static int try_descriptors(void)
{
	int fds[3], count = 0;
	while (count < 3 && (fds[count] = open("/", O_PATH | O_CLOEXEC)) >= 0)
		count++;
	int rc = count == 3 ? 0 : -errno;
	while (count)
		close(fds[--count]);
	return rc;
}

struct loop *loop_new(struct err *e)
{
	struct loop *l = mem_alloc(sizeof *l);
	int rc = try_descriptors();
	if (!rc)
		rc = uv_loop_init(&l->uv);
	if (rc) {
		err_sys(e, -rc, "cannot make an event loop");
		free(l);
		return NULL;
	}
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	/* Lets closing handles finish; a pending uv_stop uses up one iteration. */
	for (int turns = 0; uv_loop_close(&l->uv) == UV_EBUSY; turns++) {
		assert(turns < 3); /* a watch was not freed */
		uv_run(&l->uv, UV_RUN_NOWAIT);
	}
	free(l);
}

void loop_run(struct loop *l)
{
	uv_run(&l->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *l)
{
	uv_stop(&l->uv);
}

void **loop_shared(struct loop *l)
{
	return &l->shared;
}

static void free_handle(uv_handle_t *h)
{
	free(h);
}

static void fd_ready(uv_poll_t *uv, int status, int events)
{
	struct loop_fd *w = (struct loop_fd *)(void *)uv;
	int seen = 0;
	if (status < 0) /* libuv reports every error as EBADF and stops the watch */
		seen = LOOP_ERROR;
	if (events & (UV_READABLE | UV_DISCONNECT))
		seen |= LOOP_READ;
	if (events & UV_WRITABLE)
		seen |= LOOP_WRITE;
	w->cb(w->arg, seen);
}

struct loop_fd *loop_fd_new(struct loop *l, int fd, void (*cb)(void *arg, int events), void *arg,
			    struct err *e)
{
	struct loop_fd *w = mem_alloc(sizeof *w);
	int flags = fcntl(fd, F_GETFL);
	int rc = uv_poll_init(&l->uv, &w->uv, fd);
	/* libuv sets O_NONBLOCK, also for other processes that share a terminal. */
	if (flags >= 0 && !(flags & O_NONBLOCK))
		fcntl(fd, F_SETFL, flags);
	if (rc) {
		err_sys(e, -rc, "cannot watch a descriptor");
		free(w);
		return NULL;
	}
	w->cb = cb;
	w->arg = arg;
	return w;
}

int loop_fd_set(struct loop_fd *w, int events)
{
	int uv = (events & LOOP_READ ? UV_READABLE : 0) | (events & LOOP_WRITE ? UV_WRITABLE : 0);
	if (uv)
		return uv_poll_start(&w->uv, uv, fd_ready) ? -1 : 0;
	return uv_poll_stop(&w->uv);
}

void loop_fd_free(struct loop_fd *w)
{
	if (!w)
		return;
	uv_poll_stop(&w->uv);
	uv_close((uv_handle_t *)&w->uv, free_handle);
}

/* Only a set timer keeps the loop running. */
static void keep_running(struct loop_timer *t, bool armed)
{
	uv_handle_t *h = (uv_handle_t *)&t->watch->uv;
	if (armed)
		uv_ref(h);
	else
		uv_unref(h);
}

static void timer_fired(void *arg, int events)
{
	struct loop_timer *t = arg;
	uint64_t times;
	(void)events;
	if (read(t->fd, &times, sizeof times) != sizeof times)
		return; /* set again or stopped since */
	t->at = 0;
	keep_running(t, false);
	t->cb(t->arg);
}

struct loop_timer *loop_timer_new(struct loop *l, void (*cb)(void *arg), void *arg, struct err *e)
{
	struct loop_timer *t = mem_alloc(sizeof *t);
	t->cb = cb;
	t->arg = arg;
	t->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (t->fd < 0)
		err_sys(e, errno, "cannot make a timer");
	else
		t->watch = loop_fd_new(l, t->fd, timer_fired, t, e);
	if (!t->watch) {
		if (t->fd >= 0)
			close(t->fd);
		free(t);
		return NULL;
	}
	if (loop_fd_set(t->watch, LOOP_READ)) {
		err_sys(e, EBUSY, "cannot watch a timer");
		loop_timer_free(t);
		return NULL;
	}
	keep_running(t, false);
	return t;
}

static void timer_set(struct loop_timer *t, int64_t mono)
{
	if (t->at == mono)
		return;
	t->at = mono;
	struct itimerspec spec = {
		.it_value = {.tv_sec = mono / NS_PER_S, .tv_nsec = mono % NS_PER_S}};
	timerfd_settime(t->fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

void loop_timer_at(struct loop_timer *t, int64_t mono)
{
	timer_set(t, mono > 0 ? mono : 1); /* all zero would disarm */
	keep_running(t, true);
}

void loop_timer_stop(struct loop_timer *t)
{
	timer_set(t, 0);
	keep_running(t, false);
}

void loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	loop_fd_free(t->watch);
	close(t->fd);
	free(t);
}

static void soon(uv_prepare_t *uv)
{
	struct loop_soon *s = (struct loop_soon *)(void *)uv;
	uv_prepare_stop(uv);
	s->cb(s->arg);
}

struct loop_soon *loop_soon_new(struct loop *l, void (*cb)(void *arg), void *arg)
{
	struct loop_soon *s = mem_alloc(sizeof *s);
	s->cb = cb;
	s->arg = arg;
	uv_prepare_init(&l->uv, &s->uv);
	return s;
}

void loop_soon(struct loop_soon *s)
{
	uv_prepare_start(&s->uv, soon);
}

void loop_soon_free(struct loop_soon *s)
{
	if (!s)
		return;
	uv_prepare_stop(&s->uv);
	uv_close((uv_handle_t *)&s->uv, free_handle);
}

static void signal_came(uv_signal_t *uv, int signo)
{
	struct loop_signal *s = (struct loop_signal *)(void *)uv;
	s->cb(s->arg, signo);
}

static bool nohup(int signo)
{
	struct sigaction was;
	return signo == SIGHUP && sigaction(signo, NULL, &was) == 0 && was.sa_handler == SIG_IGN;
}

struct loop_signal *loop_signal_new(struct loop *l, int signo, void (*cb)(void *arg, int signo),
				    void *arg, struct err *e)
{
	struct loop_signal *s = mem_alloc(sizeof *s);
	s->cb = cb;
	s->arg = arg;
	uv_signal_init(&l->uv, &s->uv);
	int rc = nohup(signo) ? 0 : uv_signal_start(&s->uv, signal_came, signo);
	if (rc) {
		err_sys(e, -rc, "cannot watch signal %d", signo);
		uv_close((uv_handle_t *)&s->uv, free_handle);
		return NULL;
	}
	uv_unref((uv_handle_t *)&s->uv); /* a signal watch alone keeps no loop running */
	return s;
}

void loop_signal_free(struct loop_signal *s)
{
	if (!s)
		return;
	uv_signal_stop(&s->uv);
	uv_close((uv_handle_t *)&s->uv, free_handle);
}
