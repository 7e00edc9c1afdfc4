#include "faults/held.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "events/emit.h"
#include "faults/fault.h"
#include "journal/guard_client.h"
#include "journal/kept.h"
#include "node/await.h"

#include <stdlib.h>

static const int64_t again_ns = 100 * NS_PER_MS, again_most_ns = 2 * NS_PER_S;

static int start(struct fleet *f, struct err *e);

static void entrust_fault(struct fault *fault)
{
	struct fleet *f = fault->node->fleet;
	struct err ignored;
	fault->entry.guard = f->guard->id;
	journal_note_process(f->state, f->kept, &fault->entry, "guard", &f->guard->id, &ignored);
}

/* Hands all that is held over to the new guard. */
static void entrust(struct fleet *f)
{
	f->guard_pause_ns = 0;
	kept_tell_again(f->kept);
	for (size_t i = 0; i < f->count; i++) {
		for (struct fault *at = f->nodes[i].faults; at; at = at->next)
			entrust_fault(at);
		if (f->nodes[i].brought_up)
			entrust_fault(f->nodes[i].brought_up);
	}
}

static void start_again(void *arg)
{
	struct fleet *f = arg;
	struct err e = {0};
	if (f->guard->id.pid)
		return;
	bool first = !f->guard_pause_ns;
	if (start(f, &e) == 0) {
		entrust(f);
		emit_warning(f->emitter, NULL, "the guard was killed; a new one is started");
		return;
	}
	f->guard_pause_ns = first ? again_ns : 2 * f->guard_pause_ns;
	if (f->guard_pause_ns > again_most_ns)
		f->guard_pause_ns = again_most_ns;
	if (first)
		emit_warning(f->emitter, NULL, e.msg);
	loop_timer_at(f->guard_again, mono_ns() + f->guard_pause_ns);
}

/* One that has died before it was ready is started again for what is held, after a pause. */
static void guard_died(void *arg)
{
	struct fleet *f = arg;
	if (!f->guard->lost)
		start_again(f);
	else if (held_residue(f))
		loop_timer_at(f->guard_again, mono_ns() + again_most_ns);
}

static int start(struct fleet *f, struct err *e)
{
	if (!f->guard) {
		f->guard = mem_alloc(sizeof *f->guard);
		f->kept = mem_alloc(sizeof *f->kept);
		f->kept->guard = f->guard;
	}
	if (!f->guard_again && !(f->guard_again = loop_timer_new(f->loop, start_again, f, e)))
		return -1;
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
	if (start(f, e))
		return -1;
	entrust(f);
	return 0;
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
	bool left = f->detached || held_residue(f);
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		for (struct fault *held; (held = n->faults);) {
			fault_detach(held);
			fault_free(held);
		}
		fault_free(n->brought_up);
		n->brought_up = NULL;
	}
	loop_timer_free(f->guard_again);
	f->guard_again = NULL;
	if (!f->guard)
		return;
	guard_end(f->guard, !left);
	kept_release(f->kept);
	free(f->kept);
	free(f->guard);
	f->kept = NULL;
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
		if (f->nodes[i].faults || f->nodes[i].brought_up)
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
