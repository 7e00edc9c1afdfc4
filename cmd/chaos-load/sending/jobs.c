#include "sending/jobs.h"

#include <stdlib.h>

enum { SPARE_JOBS = 1024 }; /* from the start; beyond, they are made when they are needed */

void jobs_init(struct jobs *all, int64_t max)
{
	*all = (struct jobs){0};
	for (int64_t i = 0; i < max && i < SPARE_JOBS; i++)
		jobs_spare(all, mem_alloc(sizeof *all->spare));
}

void jobs_release(struct jobs *all)
{
	while (all->spare) {
		struct job *j = jobs_take(all);
		request_forget(&j->request);
		free(j);
	}
}
