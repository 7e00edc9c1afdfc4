#include "sending/cpu_saturation.h"

#include "base/clock.h"
#include "base/units.h"

#include <sys/resource.h>

/* A saturated loop still loses a few percent of its core to other processes. */
static const double saturated_share = 0.95;

enum { LAST_MIN_MS = 200 }; /* CPU time of a shorter span is too inexact */

static int64_t time_ns(struct timeval tv)
{
	return tv.tv_sec * NS_PER_S + tv.tv_usec * NS_PER_US;
}

/* CPU time of the loop's thread, without the thread that writes rows. */
static int64_t own_cpu_ns(void)
{
	struct rusage used;
	getrusage(RUSAGE_THREAD, &used);
	return time_ns(used.ru_utime) + time_ns(used.ru_stime);
}

static void begin_second(struct cpu_saturation *s, int64_t now)
{
	s->since_ns = now;
	s->cpu_ns = own_cpu_ns();
	s->due_before = *s->due;
}

static void judge_second(struct cpu_saturation *s, int64_t now)
{
	double share = (double)(own_cpu_ns() - s->cpu_ns) / (double)(now - s->since_ns);
	if (share < saturated_share)
		return;
	s->saturated_seconds++;
	s->due_saturated += *s->due - s->due_before;
}

static void second_over(void *arg)
{
	struct cpu_saturation *s = arg;
	int64_t now = mono_ns();
	if (s->since_ns)
		judge_second(s, now);
	begin_second(s, now);
	loop_timer_at(s->timer, now + NS_PER_S);
}

int cpu_saturation_init(struct cpu_saturation *s, struct loop *l, const uint64_t *due,
			struct err *e)
{
	*s = (struct cpu_saturation){.due = due};
	s->timer = loop_timer_new(l, second_over, s, e);
	return s->timer ? 0 : -1;
}

void cpu_saturation_release(struct cpu_saturation *s)
{
	loop_timer_free(s->timer);
	*s = (struct cpu_saturation){0};
}

void cpu_saturation_start(struct cpu_saturation *s, int64_t t0)
{
	loop_timer_at(s->timer, t0);
}

void cpu_saturation_stop(struct cpu_saturation *s)
{
	int64_t now = mono_ns();
	loop_timer_stop(s->timer);
	if (s->since_ns && now - s->since_ns >= ms_to_ns(LAST_MIN_MS))
		judge_second(s, now);
	s->since_ns = 0;
}
