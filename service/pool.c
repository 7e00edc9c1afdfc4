#include "pool.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STACK_BYTES = 64 * 1024 }; /* a worker only sleeps and calls back */

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	pthread_attr_t attr;
	struct job *first, **last;
	size_t workers, most; /* that run, and may run */
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

/* Starts one more. 0, or an error number. */
static int hire(struct pool *p)
{
	pthread_t thread;
	int rc = pthread_create(&thread, &p->attr, worker, p);
	if (!rc)
		p->workers++;
	return rc;
}

struct pool *pool_new(size_t workers, struct err *e)
{
	struct pool *p = mem_alloc(sizeof *p);
	p->last = &p->first;
	p->most = workers;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	pthread_attr_init(&p->attr);
	pthread_attr_setdetachstate(&p->attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&p->attr, STACK_BYTES);
	int rc = hire(p);
	if (!rc)
		return p;
	err_sys(e, rc, "cannot start a worker");
	free(p);
	return NULL;
}

void pool_add(struct pool *p, struct job *j)
{
	int rc = 0;
	j->next = NULL;
	pthread_mutex_lock(&p->lock);
	*p->last = j;
	p->last = &j->next;
	p->waiting++;
	if (p->waiting > p->workers - p->busy && p->workers < p->most)
		rc = hire(p);
	if (rc)
		p->most = p->workers;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
	if (rc)
		fprintf(stderr, "chaos-node: cannot start another worker: %s; it works with %zu\n", strerror(rc), p->most);
}

void pool_load(struct pool *p, size_t *busy, size_t *waiting)
{
	pthread_mutex_lock(&p->lock);
	*busy = p->busy;
	*waiting = p->waiting;
	pthread_mutex_unlock(&p->lock);
}
