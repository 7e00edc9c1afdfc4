#include "net/lookup.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* What the thread and the loop share. The last of the two frees it. */
struct question {
	struct url at;
	int end; /* of a pipe; the thread closes it when it has written the answer below */
	int rc;
	struct net_addrs found;
	struct err why;
	atomic_int users;
};

struct net_lookup {
	struct question *question;
	struct loop_fd *watch;
	int fd; /* readable when the thread is done */
	void (*done)(void *arg, struct net_addrs *found, const struct err *why);
	void *arg;
};

static void leave(struct question *q)
{
	if (atomic_fetch_sub(&q->users, 1) > 1)
		return;
	net_addrs_release(&q->found);
	free(q);
}

static void *look_up(void *arg)
{
	struct question *q = arg;
	int end = q->end;
	q->rc = net_resolve(&q->at, &q->found, &q->why);
	leave(q);
	close(end);
	return NULL;
}

static void answered(void *arg, int events)
{
	struct net_lookup *l = arg;
	struct question *q = l->question;
	(void)events;
	struct net_addrs found = q->found;
	q->found = (struct net_addrs){0};
	struct err why = q->why;
	l->done(l->arg, q->rc ? NULL : &found, &why);
}

/* Signals are for the thread of the loop. */
static int start_thread(struct question *q)
{
	sigset_t all, before;
	pthread_t thread;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&thread, NULL, look_up, q);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!rc)
		pthread_detach(thread);
	return rc;
}

struct net_lookup *net_lookup_new(struct loop *loop, const struct url *at,
				  void (*done)(void *arg, struct net_addrs *found,
					       const struct err *why),
				  void *arg, struct err *e)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC)) {
		err_sys(e, errno, "cannot make a pipe");
		return NULL;
	}
	struct net_lookup *l = mem_alloc(sizeof *l);
	struct question *q = mem_alloc(sizeof *q);
	*l = (struct net_lookup){.question = q, .fd = ends[0], .done = done, .arg = arg};
	*q = (struct question){.at = *at, .end = ends[1], .users = 2};
	l->watch = loop_fd_new(loop, l->fd, answered, l, e);
	int rc = l->watch ? start_thread(q) : -1;
	if (rc > 0)
		err_sys(e, rc, "cannot start a thread");
	if (rc) {
		close(q->end);
		q->users = 1;
		net_lookup_free(l);
		return NULL;
	}
	loop_fd_set(l->watch, LOOP_READ);
	return l;
}

void net_lookup_free(struct net_lookup *l)
{
	if (!l)
		return;
	loop_fd_free(l->watch);
	close(l->fd);
	leave(l->question);
	free(l);
}
