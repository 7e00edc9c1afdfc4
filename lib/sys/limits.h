/* Limits of processes. */
#ifndef SYS_LIMITS_H
#define SYS_LIMITS_H

#include "base/buf.h"

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Raises the soft limit of open descriptors so that that number of sockets fits beside what a program
 * needs anyway, as far as the hard limit allows. Returns how many sockets that leaves room for. */
uint64_t limit_descriptors(uint64_t sockets);

/* What a process may use, and how it stands to others. */
struct limits {
	struct rlimit of[RLIM_NLIMITS];
	int nice;
};

/* Of any process. -1 if they cannot be seen. */
int limits_read(struct limits *l, pid_t pid);

/* Raises what it may and tells what is lacking: what a process has less of than l, and will not get back by
 * limits_apply, as this one may not raise it. Adds "core, hard limit, 0 (was unlimited), nice 5 (was 0)". */
void limits_lacking(const struct limits *l, pid_t pid, struct buf *out);

/* For this process, as far as it may. */
void limits_apply(const struct limits *l);

#endif
