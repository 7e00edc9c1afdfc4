#include "wire/evloop.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
	EVENTS_MAX = 32,   /* then what is due meanwhile gets its turn */
	SLICE_NS = 100000, /* the least that Linux takes */
};

struct evloop {
	int epoll_fd, timer_fd, signal_fd;
	int64_t armed_ns; /* what timer_fd is set to; 0: nothing */
	int64_t turn_ns;  /* when this turn began */
	struct evloop_timer **heap; /* from 1 */
	size_t timers, heap_alloc;
	void **dead;
	size_t dead_count, dead_alloc;
	bool stop;
};

/* --- timers: a binary heap, each knows its place ---------------------------------- */

static void put(struct evloop *l, size_t place, struct evloop_timer *t)
{
	l->heap[place] = t;
	t->place = place;
}

static void sift_up(struct evloop *l, size_t place, struct evloop_timer *t)
{
	for (; place > 1 && l->heap[place / 2]->at_ns > t->at_ns; place /= 2)
		put(l, place, l->heap[place / 2]);
	put(l, place, t);
}

static void sift_down(struct evloop *l, size_t place, struct evloop_timer *t)
{
	for (size_t child; (child = place * 2) <= l->timers; place = child) {
		if (child < l->timers && l->heap[child + 1]->at_ns < l->heap[child]->at_ns)
			child++;
		if (l->heap[child]->at_ns >= t->at_ns)
			break;
		put(l, place, l->heap[child]);
	}
	put(l, place, t);
}

void evloop_unset(struct evloop *l, struct evloop_timer *t)
{
	size_t place = t->place;
	if (!place)
		return;
	t->place = 0;
	struct evloop_timer *last = l->heap[l->timers--];
	if (last == t)
		return;
	if (place > 1 && l->heap[place / 2]->at_ns > last->at_ns)
		sift_up(l, place, last);
	else
		sift_down(l, place, last);
}

void evloop_at(struct evloop *l, struct evloop_timer *t, int64_t at_ns)
{
	if (t->place && t->at_ns == at_ns)
		return;
	evloop_unset(l, t);
	t->at_ns = at_ns;
	if (!l->heap_alloc)
		l->heap = mem_grow(l->heap, &l->heap_alloc, 0, sizeof *l->heap);
	l->heap = mem_grow(l->heap, &l->heap_alloc, l->timers + 1, sizeof *l->heap);
	sift_up(l, ++l->timers, t);
}

void evloop_soon(struct evloop *l, struct evloop_timer *t)
{
	evloop_at(l, t, l->turn_ns + 1);
}

static void fire(struct evloop *l)
{
	while (l->timers && l->heap[1]->at_ns <= l->turn_ns) {
		struct evloop_timer *t = l->heap[1];
		evloop_unset(l, t);
		t->due(t);
	}
}

/* How long epoll may wait: 0 or for ever, since the timerfd is more exact than its timeout. */
static int arm(struct evloop *l)
{
	struct itimerspec when = {0};
	if (!l->timers)
		return -1;
	int64_t at_ns = l->heap[1]->at_ns;
	if (at_ns <= mono_ns())
		return 0;
	if (at_ns != l->armed_ns) {
		l->armed_ns = at_ns;
		when.it_value.tv_sec = at_ns / NS_PER_S;
		when.it_value.tv_nsec = at_ns % NS_PER_S;
		timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
	}
	return -1;
}

/* --- descriptors ------------------------------------------------------------------ */

static int add(struct evloop *l, struct evloop_watch *w, int fd, uint32_t events, struct err *e)
{
	struct epoll_event ev = {.events = events, .data.ptr = w};
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev))
		return err_sys(e, errno, "cannot watch a socket");
	w->fd = fd;
	return 0;
}

int evloop_add(struct evloop *l, struct evloop_watch *w, int fd, struct err *e)
{
	return add(l, w, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, e);
}

int evloop_add_level(struct evloop *l, struct evloop_watch *w, int fd, struct err *e)
{
	return add(l, w, fd, EPOLLIN, e);
}

int evloop_forget(struct evloop *l, struct evloop_watch *w)
{
	int fd = w->fd;
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	w->fd = -1;
	return fd;
}

int evloop_accept(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* Closing takes it out of the epoll set: nobody else has the descriptor. */
void evloop_close(struct evloop_watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

void evloop_free_later(struct evloop *l, void *memory)
{
	l->dead = mem_grow(l->dead, &l->dead_alloc, l->dead_count, sizeof *l->dead);
	l->dead[l->dead_count++] = memory;
}

static void bury(struct evloop *l)
{
	while (l->dead_count)
		free(l->dead[--l->dead_count]);
}

static void tell(const struct epoll_event *ev)
{
	static const struct {
		uint32_t from;
		int to;
	} map[] = {
		{EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR, EVLOOP_READ},
		{EPOLLOUT | EPOLLHUP | EPOLLERR, EVLOOP_WRITE},
		{EPOLLRDHUP | EPOLLHUP | EPOLLERR, EVLOOP_END},
		{EPOLLHUP | EPOLLERR, EVLOOP_BROKEN},
	};
	struct evloop_watch *w = ev->data.ptr;
	int events = 0;
	for (size_t i = 0; i < ARRAY_LEN(map); i++)
		if (ev->events & map[i].from)
			events |= map[i].to;
	if (w->fd >= 0)
		w->ready(w, events);
}

int evloop_run(struct evloop *l)
{
	struct epoll_event events[EVENTS_MAX];
	struct signalfd_siginfo signal;
	while (!l->stop) {
		int n = epoll_wait(l->epoll_fd, events, EVENTS_MAX, arm(l));
		l->turn_ns = mono_ns();
		fire(l); /* first: what is due is late already */
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr)
				tell(&events[i]);
			else if (read(l->signal_fd, &signal, sizeof signal) == sizeof signal)
				return (int)signal.ssi_signo;
		}
		bury(l);
	}
	return 0;
}

void evloop_stop(struct evloop *l)
{
	l->stop = true;
}

static int take_signals(struct evloop *l)
{
	static const int wanted[] = {SIGINT, SIGTERM, SIGHUP};
	struct epoll_event ev = {.events = EPOLLIN};
	struct sigaction now;
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (!sigaction(wanted[i], NULL, &now) &&
		    (wanted[i] != SIGHUP || now.sa_handler != SIG_IGN))
			sigaddset(&set, wanted[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* An ignored signal (a shell's '&' does that to SIGINT) never gets to a signalfd. */
	l->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return l->signal_fd < 0 ? -1 : epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->signal_fd, &ev);
}

/* Others on this core end their slice of some ms before we get our turn, unless we ask for a shorter
 * one: Linux takes that from 6.12 on (sched_setattr(2), EEVDF); before, it changes nothing. */
static void ask_for_short_slices(void)
{
	struct sched_attr attr = {.size = sizeof attr};
	if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) || attr.sched_policy != SCHED_NORMAL)
		return;
	attr.sched_runtime = SLICE_NS;
	syscall(SYS_sched_setattr, 0, &attr, 0);
}

struct evloop *evloop_new(struct err *e)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET};
	static struct evloop_watch *const nobody = NULL;
	struct evloop *l = mem_alloc(sizeof *l);
	ev.data.ptr = nobody;
	l->signal_fd = -1;
	ask_for_short_slices();
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->epoll_fd < 0 || l->timer_fd < 0 || take_signals(l) ||
	    epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->timer_fd, &ev)) {
		err_sys(e, errno, "cannot make an event loop");
		evloop_free(l);
		return NULL;
	}
	return l;
}

void evloop_free(struct evloop *l)
{
	if (!l)
		return;
	bury(l);
	const int fds[] = {l->epoll_fd, l->timer_fd, l->signal_fd};
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(l->heap);
	free(l->dead);
	free(l);
}
