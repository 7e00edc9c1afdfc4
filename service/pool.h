/* A pool of workers that simulate work: each takes a job, sleeps for its length and reports it
 * done. Jobs beyond the number of workers wait in FIFO order. */
#ifndef SERVICE_POOL_H
#define SERVICE_POOL_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* One piece of work; the caller's storage, untouched by the caller until done is called. */
struct job {
	int64_t length_ns;
	void (*done)(struct job *j); /* called in the worker's thread */
	struct job *next;
};

struct pool;

/* Up to so many workers, each started when the others have work; one is there from the start. They live as
 * long as the process: the node ends by a signal's default action, so nothing has to be wound up. NULL on
 * error. Where the system gives no further one, those that are there do the work, and standard error has it. */
struct pool *pool_new(size_t workers, struct err *e);

void pool_add(struct pool *p, struct job *j);

/* How many jobs are under way, and how many wait. */
void pool_load(struct pool *p, size_t *busy, size_t *waiting);

#endif
