#include "sending/cpu_saturation.h"

#include "base/clock.h"
#include "base/units.h"

#include <sys/resource.h>

/* A loop that waits for nothing still loses a little to whoever else runs on its core. */
static const double bound_share = 0.95;

enum { LAST_MIN_MS = 200 }; /* less says little of CPU time */

static int64_t time_ns(struct timeval tv)
{
	return tv.tv_sec * NS_PER_S + tv.tv_usec * NS_PER_US;
}

/* Of the loop's thread: the one that writes rows has a core of its own. */
static int64_t own_cpu_ns(void)
{
	struct rusage used;
	getrusage(RUSAGE_THREAD, &used);
	return time_ns(used.ru_utime) + time_ns(used.ru_stime);
}

static void begin_second(struct busy *b, int64_t now)
{
	b->since_ns = now;
	b->cpu_ns = own_cpu_ns();
	b->due_before = *b->due;
}

static void judge_second(struct busy *b, int64_t now)
{
	double share = (double)(own_cpu_ns() - b->cpu_ns) / (double)(now - b->since_ns);
	if (share < bound_share)
		return;
	b->seconds_bound++;
	b->due_bound += *b->due - b->due_before;
}

static void second_over(void *arg)
{
	struct busy *b = arg;
	int64_t now = mono_ns();
	if (b->since_ns)
		judge_second(b, now);
	begin_second(b, now);
	loop_timer_at(b->timer, now + NS_PER_S);
}

int busy_init(struct busy *b, struct loop *l, const uint64_t *due, struct err *e)
{
	*b = (struct busy){.due = due};
	b->timer = loop_timer_new(l, second_over, b, e);
	return b->timer ? 0 : -1;
}

void busy_release(struct busy *b)
{
	loop_timer_free(b->timer);
	*b = (struct busy){0};
}

void busy_start(struct busy *b, int64_t t0)
{
	loop_timer_at(b->timer, t0);
}

void busy_stop(struct busy *b)
{
	int64_t now = mono_ns();
	loop_timer_stop(b->timer);
	if (b->since_ns && now - b->since_ns >= ms_to_ns(LAST_MIN_MS))
		judge_second(b, now);
	b->since_ns = 0;
}
