#include "faults/held.h"

#include "base/buf.h"
#include "events/report.h"
#include "faults/fault.h"
#include "journal/guard_client.h"
#include "node/await.h"

#include <stdlib.h>

static int start(struct fleet *f, struct err *e);

static void guard_died(void *arg)
{
	struct fleet *f = arg;
	struct err e = {0};
	bool again = start(f, &e) == 0;
	report_warning(f->report, NULL,
		       again ? "the guard was killed; a new one is started" : e.msg);
}

static int start(struct fleet *f, struct err *e)
{
	if (!f->guard)
		f->guard = mem_alloc(sizeof *f->guard);
	if (guard_start(f->guard, f->state, &f->self, e))
		return -1;
	return guard_watch(f->guard, f->loop, guard_died, f, e);
}

int held_need_guard(struct fleet *f, struct err *e)
{
	/* It may have died without our having been told yet. */
	if (f->guard && !f->guard->lost && proc_alive(&f->guard->id))
		return 0;
	if (f->guard)
		guard_end(f->guard, false);
	return start(f, e);
}

enum verdict held_guard_ready(const struct fleet *f, struct err *e)
{
	int ready = guard_ready(f->guard, e);
	return ready > 0 ? VERDICT_YES : ready < 0 ? VERDICT_NO : VERDICT_WAIT;
}

static bool ready_or_lost(void *arg)
{
	struct fleet *f = arg;
	return guard_ready(f->guard, &(struct err){0}) != 0;
}

int held_start_guard(struct fleet *f, struct err *e)
{
	if (start(f, e) || await(f->loop, ready_or_lost, f, e))
		return -1;
	return guard_ready(f->guard, e) > 0 ? 0 : -1;
}

void held_release(struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		for (struct fault *held; (held = n->faults);) {
			fault_detach(held);
			fault_free(held);
		}
		fault_free(n->hold);
		n->hold = NULL;
	}
	if (f->guard)
		guard_end(f->guard, !f->detached);
	free(f->guard);
	f->guard = NULL;
}

bool held_any(const struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++)
		for (const struct fault *held = f->nodes[i].faults; held; held = held->next)
			if (!held->failed)
				return true;
	return false;
}

bool held_timed(const struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++)
		for (const struct fault *held = f->nodes[i].faults; held; held = held->next)
			if (held->deadline)
				return true;
	return false;
}

void held_cut_waits(struct fleet *f, const char *why)
{
	for (size_t i = 0; i < f->count; i++) {
		struct task *t = &f->nodes[i].task;
		if (t->running && t->launched && !t->reverting)
			task_cut(t, why);
	}
}

bool held_residue(const struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->nodes[i].faults || f->nodes[i].hold)
			return true;
	return false;
}

void held_revert_all(struct fleet *f, const char *why)
{
	f->ending = true;
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		/* What is being injected just now is undone as soon as it is there. */
		if (n->faults || n->current)
			fault_submit_revert(n, NULL, why, 0);
	}
}
