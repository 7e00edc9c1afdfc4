#include "faults/held.h"

#include "base/buf.h"
#include "events/report.h"
#include "faults/fault.h"
#include "journal/guard_client.h"

#include <stdlib.h>

static void guard_died(void *arg)
{
	struct fleet *f = arg;
	struct err e = {0};
	if (held_start_guard(f, &e) == 0) {
		report_warning(f->report, NULL, "the guard was killed; a new one is started");
		return;
	}
	report_warning(f->report, NULL, e.msg);
}

int held_start_guard(struct fleet *f, struct err *e)
{
	if (!f->guard)
		f->guard = mem_alloc(sizeof *f->guard);
	if (guard_start(f->guard, f->state, &f->self, e))
		return -1;
	return guard_watch(f->guard, f->loop, guard_died, f, e);
}

/* It may have died without our having been told yet. */
int held_need_guard(struct fleet *f, struct err *e)
{
	if (f->guard && proc_alive(&f->guard->id))
		return 0;
	if (f->guard)
		guard_end(f->guard, false);
	return held_start_guard(f, e);
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
