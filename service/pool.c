#include "pool.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

enum { STACK_BYTES = 64 * 1024 }; /* a worker only sleeps and calls back */

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job *first, **last;
	size_t busy, waiting;
};

static struct job *take(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (!p->first)
		pthread_cond_wait(&p->more, &p->lock);
	struct job *j = p->first;
	p->first = j->next;
	if (!p->first)
		p->last = &p->first;
	p->waiting--;
	p->busy++;
	pthread_mutex_unlock(&p->lock);
	return j;
}

static void sleep_ns(int64_t ns)
{
	int64_t end = mono_ns() + ns;
	struct timespec at = {.tv_sec = end / NS_PER_S, .tv_nsec = end % NS_PER_S};
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

static void *worker(void *arg)
{
	struct pool *p = arg;
	for (;;) {
		struct job *j = take(p);
		sleep_ns(j->length_ns);
		pthread_mutex_lock(&p->lock);
		p->busy--;
		pthread_mutex_unlock(&p->lock);
		j->done(j);
	}
	return NULL;
}

struct pool *pool_new(size_t workers, struct err *e)
{
	struct pool *p = mem_alloc(sizeof *p);
	pthread_attr_t attr;
	int rc = 0;
	p->last = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (size_t i = 0; i < workers && !rc; i++) {
		pthread_t thread;
		rc = pthread_create(&thread, &attr, worker, p);
	}
	pthread_attr_destroy(&attr);
	if (rc) {
		/* Workers already started hold the pool; the caller gives up and exits. */
		err_sys(e, rc, "cannot start %zu workers", workers);
		return NULL;
	}
	return p;
}

void pool_add(struct pool *p, struct job *j)
{
	j->next = NULL;
	pthread_mutex_lock(&p->lock);
	*p->last = j;
	p->last = &j->next;
	p->waiting++;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
}

void pool_load(struct pool *p, size_t *busy, size_t *waiting)
{
	pthread_mutex_lock(&p->lock);
	*busy = p->busy;
	*waiting = p->waiting;
	pthread_mutex_unlock(&p->lock);
}
