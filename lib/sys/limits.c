#include "sys/limits.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

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

static const char *const names[RLIM_NLIMITS] = {
	[RLIMIT_AS] = "address space",
	[RLIMIT_CORE] = "core",
	[RLIMIT_CPU] = "CPU time",
	[RLIMIT_DATA] = "data",
	[RLIMIT_FSIZE] = "file size",
	[RLIMIT_LOCKS] = "locks",
	[RLIMIT_MEMLOCK] = "locked memory",
	[RLIMIT_MSGQUEUE] = "message queues",
	[RLIMIT_NICE] = "nice ceiling",
	[RLIMIT_NOFILE] = "open files",
	[RLIMIT_NPROC] = "processes",
	[RLIMIT_RSS] = "resident memory",
	[RLIMIT_RTPRIO] = "real-time priority",
	[RLIMIT_RTTIME] = "real-time CPU time",
	[RLIMIT_SIGPENDING] = "pending signals",
	[RLIMIT_STACK] = "stack",
};

static void add_value(struct buf *out, rlim_t value)
{
	if (value == RLIM_INFINITY)
		buf_addstr(out, "unlimited");
	else
		buf_addf(out, "%llu", (unsigned long long)value);
}

/* The hard limit where the soft one is as it was. */
static void add_lacking(struct buf *out, int which, rlim_t now, const struct rlimit *was)
{
	bool hard = was->rlim_cur <= now;
	buf_addf(out, "%s%s%s ", out->len ? ", " : "", names[which] ? names[which] : "a limit",
		 hard ? ", hard limit," : "");
	add_value(out, now);
	buf_addstr(out, " (was ");
	add_value(out, hard ? was->rlim_max : was->rlim_cur);
	buf_addstr(out, ")");
}

void limits_lacking(const struct limits *l, pid_t pid, struct buf *out)
{
	for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
		struct rlimit now;
		if (prlimit(pid, i, NULL, &now) || l->of[i].rlim_max <= now.rlim_max)
			continue;
		const struct rlimit raised = {now.rlim_cur, l->of[i].rlim_max};
		if (prlimit(pid, i, &raised, NULL))
			add_lacking(out, i, now.rlim_max, &l->of[i]);
	}
	errno = 0;
	int nice = getpriority(PRIO_PROCESS, (id_t)pid);
	if (!errno && nice > l->nice && setpriority(PRIO_PROCESS, (id_t)pid, l->nice))
		buf_addf(out, "%snice %d (was %d)", out->len ? ", " : "", nice, l->nice);
}

/* A soft limit that may not be restored as it was is raised as far as the hard limit allows. */
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
