#include "sys/limits.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>

enum { OTHER_DESCRIPTORS = 64 };

int limits_read(struct limits *l, pid_t pid)
{
	int rc = 0;
	for (int i = 0; i < (int)RLIM_NLIMITS; i++)
		rc |= prlimit(pid, i, NULL, &l->of[i]);
	errno = 0;
	l->nice = getpriority(PRIO_PROCESS, (id_t)pid);
	return rc || errno ? -1 : 0;
}

/* What must not be raised goes as far up as it may. */
void limits_apply(const struct limits *l)
{
	struct rlimit now;
	for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
		if (setrlimit(i, &l->of[i]) == 0 || getrlimit(i, &now))
			continue;
		now.rlim_cur = l->of[i].rlim_cur < now.rlim_max ? l->of[i].rlim_cur : now.rlim_max;
		setrlimit(i, &now);
	}
	setpriority(PRIO_PROCESS, 0, l->nice);
}

uint64_t limit_descriptors(uint64_t sockets)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l))
		return 0;
	rlim_t wanted = sockets + OTHER_DESCRIPTORS;
	if (l.rlim_cur < wanted) {
		l.rlim_cur = wanted < l.rlim_max ? wanted : l.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &l))
			getrlimit(RLIMIT_NOFILE, &l);
	}
	return l.rlim_cur > 2 * OTHER_DESCRIPTORS ? l.rlim_cur - OTHER_DESCRIPTORS : l.rlim_cur / 2;
}
