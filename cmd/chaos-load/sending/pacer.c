#include "sending/pacer.h"

#include "base/clock.h"
#include "base/units.h"

enum {
	/* Slots per loop iteration, so that the network is served too; more, if they take less time than that, for a timer
	 * which is to ring at once costs as much as 30 of them. */
	BATCH = 64,
	BATCH_US = 200,
	CLOCK_EACH = 16, /* slots that are due by one reading of the clock, which costs a tenth of what a slot does */
};

static int64_t next_due(struct pacer *p)
{
	return schedule_due_at(&p->schedule, arrivals_place(&p->arrivals, p->next));
}

static uint64_t take_slot(struct pacer *p)
{
	uint64_t slot = p->next;
	p->taken = p->arrivals;
	p->next += p->stride;
	return slot;
}

/* Returns false if the next slot is not due yet (or is none). */
static bool fire_next(struct pacer *p, int64_t now)
{
	int64_t due = next_due(p);
	if (due == SCHEDULE_NEVER || p->t0 + due > now)
		return false;
	int64_t error = now - (p->t0 + due);
	hist_record(&p->error, error);
	if (error > p->slack_ns + PACER_FAR_LATE_NS)
		p->far_late++;
	p->last_due_ns = due;
	uint64_t slot = take_slot(p);
	p->fire(p->arg, slot, p->t0 + due, now);
	return true;
}

static void end_now(struct pacer *p)
{
	if (p->over)
		return;
	p->over = true;
	loop_timer_stop(p->timer);
	p->ended(p->arg);
}

static void arm(struct pacer *p)
{
	int64_t due = next_due(p);
	int64_t end = p->schedule.end_ns;
	if (!p->started || p->over)
		return;
	if (due != SCHEDULE_NEVER) {
		/* More slack than that is kept for delays by a busy machine. */
		int64_t share = p->slack_ns < PACER_FAR_LATE_NS ? p->slack_ns : PACER_FAR_LATE_NS;
		int64_t shared = p->last_wake_ns + share;
		loop_timer_at(p->timer, p->t0 + due > shared ? p->t0 + due : shared);
	} else if (end == SCHEDULE_NEVER) {
		loop_timer_stop(p->timer); /* until the rate is raised */
	} else if (mono_ns() >= p->t0 + end) {
		end_now(p);
	} else {
		loop_timer_at(p->timer, p->t0 + end);
	}
}

static void wake(void *arg)
{
	struct pacer *p = arg;
	int64_t now = mono_ns(), until = now + BATCH_US * NS_PER_US;
	bool more = true;
	p->last_wake_ns = now;
	for (int fired = 0; more && (fired < BATCH || now < until); now = mono_ns()) {
		int left = CLOCK_EACH;
		while (left && fire_next(p, now))
			left--;
		more = left < CLOCK_EACH;
		fired += CLOCK_EACH - left;
	}
	if (more)
		p->last_wake_ns = 0; /* more slots may be due: wakes up at once */
	arm(p);
}

int pacer_init(struct pacer *p, struct loop *l, int64_t slack_ns, struct err *e)
{
	*p = (struct pacer){.slack_ns = slack_ns, .last_due_ns = -1, .stride = 1};
	schedule_init(&p->schedule);
	hist_init(&p->error);
	arrivals_init(&p->arrivals, false, 0);
	p->timer = loop_timer_new(l, wake, p, e);
	return p->timer ? 0 : -1;
}

void pacer_release(struct pacer *p)
{
	schedule_release(&p->schedule);
	loop_timer_free(p->timer);
	*p = (struct pacer){0};
}

void pacer_shard(struct pacer *p, uint64_t shard, uint64_t shards)
{
	p->next = shard;
	p->stride = shards;
}

void pacer_skip(struct pacer *p, int64_t before_ns)
{
	for (int64_t due; (due = next_due(p)) != SCHEDULE_NEVER && due < before_ns; p->skipped++)
		take_slot(p);
}

uint64_t pacer_slots(const struct pacer *p)
{
	struct arrivals at = p->taken;
	uint64_t slot = 0;
	if (p->next >= p->stride)
		slot = p->next - p->stride + 1;
	else
		arrivals_init(&at, p->arrivals.poisson, p->arrivals.seed);
	while (slot < p->next && schedule_due_at(&p->schedule, arrivals_place(&at, slot)) != SCHEDULE_NEVER)
		slot++;
	return slot;
}

void pacer_start(struct pacer *p, int64_t t0)
{
	p->t0 = t0;
	p->started = true;
	arm(p);
}

static int64_t not_before_now(const struct pacer *p, int64_t at_ns)
{
	int64_t now = p->started ? mono_ns() - p->t0 : 0;
	if (at_ns < now)
		at_ns = now;
	return at_ns > p->last_due_ns ? at_ns : p->last_due_ns + 1;
}

int64_t pacer_ramp(struct pacer *p, int64_t at_ns, double from, double to, int64_t ramp_ns)
{
	at_ns = not_before_now(p, at_ns);
	schedule_ramp(&p->schedule, at_ns, from, to, ramp_ns);
	arm(p);
	return at_ns;
}

int64_t pacer_end(struct pacer *p, int64_t at_ns)
{
	at_ns = not_before_now(p, at_ns);
	schedule_end(&p->schedule, at_ns);
	arm(p);
	return at_ns;
}

void pacer_replay(struct pacer *p, int64_t at_ns, const int64_t *due_ns, size_t count)
{
	schedule_list(&p->schedule, not_before_now(p, at_ns), due_ns, count);
	arm(p);
}

void pacer_cut_list(struct pacer *p, int64_t at_ns)
{
	schedule_cut_list(&p->schedule, not_before_now(p, at_ns));
	arm(p);
}

void pacer_cut(struct pacer *p)
{
	if (p->over)
		return;
	int64_t now = mono_ns();
	schedule_end(&p->schedule, not_before_now(p, p->started ? now - p->t0 : 0));
	while (p->started && fire_next(p, now))
		;
	end_now(p);
}
