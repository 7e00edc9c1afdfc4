#include "sending/jobs.h"

#include <stdlib.h>

enum { FIRST_JOBS = 1024 }; /* from the start; beyond, they are made when they are needed */

static void add_room(struct jobs *all, size_t more)
{
	for (; more; more--, all->count++)
		all->spare = mem_grow(all->spare, &all->spare_alloc, all->count, sizeof *all->spare);
}

struct job *jobs_more(struct jobs *all)
{
	add_room(all, 1);
	return mem_alloc_aligned(sizeof(struct job), JOB_LINE);
}

void jobs_init(struct jobs *all, int64_t max)
{
	*all = (struct jobs){.first_count = (size_t)(max < FIRST_JOBS ? max : FIRST_JOBS)};
	all->first = mem_alloc_aligned(all->first_count * sizeof *all->first, JOB_LINE);
	add_room(all, all->first_count);
	for (size_t i = all->first_count; i; i--)
		jobs_spare(all, &all->first[i - 1]);
}

static bool is_first(const struct jobs *all, const struct job *j)
{
	return j >= all->first && j < all->first + all->first_count;
}

void jobs_release(struct jobs *all)
{
	while (all->spare_count) {
		struct job *j = jobs_take(all);
		request_forget(&j->request);
		if (!is_first(all, j))
			free(j);
	}
	free(all->first);
	free(all->spare);
}
