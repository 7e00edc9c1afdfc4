#include "sys/limits.h"

#include <sys/resource.h>

enum { OTHER_DESCRIPTORS = 64 };

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
