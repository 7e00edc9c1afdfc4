#include "faults/through.h"

#include "base/clock.h"
#include "base/units.h"
#include "cli/diag.h"
#include "faults/action.h"
#include "faults/verb.h"
#include "journal/kept.h"
#include "node/node.h"
#include "node/record.h"
#include "node/via.h"
#include "seam.h"

#include <stdio.h>
#include <string.h>

enum { REVIVALS_MAX = 5 }; /* of one that dies again and again, in one undo */

static const int64_t again_within_ns = 10 * NS_PER_S;

void through_begin(struct fault *f)
{
	if (f->entry.program.through)
		f->proxy = via_process(f->node);
}

/* True if the proxy has died. Where its record cannot be read, the process that was seen last is asked for. */
static bool has_died(const struct node *proxy, const struct proc_id *seen)
{
	struct err ignored;
	struct proc_id now = record_load(proxy->dir, proxy->fleet->world);
	if (!now.pid && record_readable(proxy->dir, &ignored))
		now = *seen;
	return now.pid && !proc_alive(&now);
}

/* Whoever the record names has ended, if it can be read or not. */
static void start(struct node *proxy)
{
	struct err ignored;
	crash_point();
	if (record_readable(proxy->dir, &ignored))
		record_remove(proxy->dir);
	queue_submit(proxy, &(struct work){.verb = verb_find("start"), .for_ns = -1, .requested_ns = mono_ns()});
}

/* True if it has died. One that was taken down, or ended with the machine, stays down. */
static bool revive(const struct node *n, const struct proc_id *seen)
{
	bool dead = !via_busy(n) && has_died(via_proxy(n), seen);
	if (dead)
		start(via_proxy(n));
	return dead;
}

enum verdict through_wait(struct task *t, struct err *e)
{
	struct fault *f = t->fault;
	struct node *n = t->node;
	if (!f->entry.program.through || !via_proxy(n))
		return VERDICT_YES;
	struct proc_id now = via_process(n);
	if (!now.pid && proc_alive(&f->proxy)) /* its record is damaged */
		now = f->proxy;
	if (f->proxy.pid && !t->note[0] && (!proc_same(&now, &f->proxy) || !proc_alive(&now)))
		snprintf(t->note, sizeof t->note, "its proxy ended while the fault lasted, and was started again");
	if (t->revived < REVIVALS_MAX)
		t->revived += revive(n, &f->proxy);
	if (!via_busy(n))
		return VERDICT_YES;
	err_runtime(e, "its proxy is starting");
	return VERDICT_WAIT;
}

/* --- injected again ----------------------------------------------------------------- */

static void injected_again(struct task *t, const struct err *e)
{
	if (e)
		diag(ENTRY_NAME ": not injected again: %s", ENTRY_NAMED(&t->fault->entry), e->msg);
	queue_finish(t->node);
}

static enum verdict look_proxy(struct task *t, struct err *e)
{
	err_runtime(e, "its proxy is starting");
	return via_busy(t->node) ? VERDICT_WAIT : VERDICT_YES;
}

static void proxy_is_up(struct task *t, const struct err *e)
{
	if (e)
		injected_again(t, e);
	else
		task_run(t, t->fault, NULL, t->fault->action->inject, again_within_ns, injected_again);
}

/* Behind the lock of the node: its owner is not at work on it, and may have undone it meanwhile. */
static void run_again(struct node *n, struct work *w)
{
	struct fault *f = n->brought_up ? n->brought_up : n->faults;
	while (f && !fault_is_bring_up(f) && f->number != w->fault)
		f = f->next;
	if (!f || journal_presence(n->fleet->state, n->fleet->kept, &f->entry) != JOURNAL_THERE) {
		queue_finish(n);
		return;
	}
	const struct kept_entry *kept = kept_find(n->fleet->kept, f->entry.uid);
	struct proc_id seen = kept ? kept->proxy : (struct proc_id){0};
	if (fault_is_bring_up(f)) {
		if (node_look(n) == NODE_DOWN || has_died(n, &seen))
			start(n);
		queue_finish(n);
		return;
	}
	revive(n, &seen);
	task_run(&n->task, f, NULL, TASK_LOOK(look_proxy), again_within_ns, proxy_is_up);
}

static const struct verb verb_again = {.name = "inject again", .run = run_again};

void through_again(struct fleet *f)
{
	int64_t now = mono_ns();
	for (size_t i = 0; i < f->count; i++) {
		struct work w = {.verb = &verb_again, .for_ns = -1, .requested_ns = now};
		if (f->nodes[i].brought_up)
			queue_submit(&f->nodes[i], &w);
		for (const struct fault *at = f->nodes[i].faults; at; at = at->next) {
			w.fault = at->number;
			w.for_ns = at->entry.deadline_ns ? at->entry.deadline_ns - now : -1;
			queue_submit(&f->nodes[i], &w);
		}
	}
}
