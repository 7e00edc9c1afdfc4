/* The slots that are under way, by due time, and memory for more. In line, for each slot comes here. */
#ifndef LOAD_SENDING_JOBS_H
#define LOAD_SENDING_JOBS_H

#include "base/buf.h"
#include "net/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	JOB_LINE = 64,	/* bytes of a line of the cache, on most machines */
	JOBS_AHEAD = 3, /* how many jobs ahead their memory is fetched */
};

struct engine_node; /* the engine's */

struct job {
	struct engine_node *home;	/* of the node that it was due for, whatever node it is sent on to */
	int64_t due;
	int64_t wait_ns; /* how long it waited for a connection; while it waits: minus the time at which it began to */
	bool submitted, hopeless; /* hopeless: in no queue, it waits for its timeout */
	struct job *older, *newer; /* of all under way, by due time */
	struct job *next;	   /* in the node's queue */
	struct request request; /* the transport hands this back */
};

_Static_assert(sizeof(struct job) == 2 * JOB_LINE, "a job that fills cache lines is in as few as can be");

struct jobs {
	struct job *oldest, *newest; /* NULL: none is under way */
	struct job **spare; /* a stack, with room for all that there are */
	size_t spare_count, count, spare_alloc;
	struct job *first; /* the memory of the first ones: first_count in one piece */
	size_t first_count;
};

struct job *jobs_more(struct jobs *all); /* a new one */

/* With memory for the first of that number of jobs, so that a network stall does not wait for it. */
void jobs_init(struct jobs *all, int64_t max);
void jobs_release(struct jobs *all); /* none is under way; accepts a zeroed one */

/* Prefetches the job that comes next, if any: with many in flight, its memory has left the caches of the CPU. */
static inline void jobs_prefetch(const struct job *j)
{
	for (size_t at = 0; j && at < sizeof *j; at += JOB_LINE)
		__builtin_prefetch((const char *)j + at, 1);
}

static inline struct job *job_of(struct request *r)
{
	return (struct job *)(void *)((char *)r - offsetof(struct job, request));
}

static inline void jobs_link(struct jobs *all, struct job *j)
{
	j->older = all->newest;
	j->newer = NULL;
	if (all->newest)
		all->newest->newer = j;
	else
		all->oldest = j;
	all->newest = j;
}

static inline void jobs_unlink(struct jobs *all, struct job *j)
{
	if (j->older)
		j->older->newer = j->newer;
	else
		all->oldest = j->newer;
	if (j->newer)
		j->newer->older = j->older;
	else
		all->newest = j->older;
}

/* A job, in which a request can begin; from jobs_spare, if there is one. */
static inline struct job *jobs_take(struct jobs *all)
{
	if (!all->spare_count)
		return jobs_more(all);
	if (all->spare_count > JOBS_AHEAD)
		jobs_prefetch(all->spare[all->spare_count - 1 - JOBS_AHEAD]);
	return all->spare[--all->spare_count];
}

static inline void jobs_spare(struct jobs *all, struct job *j)
{
	all->spare[all->spare_count++] = j;
}

#endif
