#include "faults/fault.h"

#include "faults/action.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "faults/choose.h"
#include "node/node.h"
#include "events/report.h"
#include "seam.h"
#include "faults/verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *key_of(const struct node *n)
{
	return strrchr(n->dir, '/') + 1;
}

static bool is_hold(const struct fault *f)
{
	return f->action == &action_bring_up;
}

/* A session's hold and a fault may be on a node at once; two faults may not. */
static struct fault **slot_of(struct fault *f)
{
	return is_hold(f) ? &f->node->hold : &f->node->fault;
}

void fault_free(struct fault *f)
{
	if (!f)
		return;
	loop_timer_free(f->deadline);
	free(f);
}

static void fault_over(struct fault *f)
{
	/* While its owner is stopped in the middle of something, the entry stays. */
	if (!f->adopted || f->node->locked || !proc_alive(&f->entry.owner))
		journal_done(f->node->fleet->state, &f->entry);
	*slot_of(f) = NULL;
	fault_free(f);
}

struct search {
	const char *key;
	bool hold;
	struct journal_entry *out;
};

static bool is_on(void *arg, const struct journal_entry *j)
{
	struct search *s = arg;
	if (strcmp(j->key, s->key) != 0 ||
	    (strcmp(j->action, action_bring_up.name) == 0) != s->hold)
		return false;
	*s->out = *j;
	return true;
}

bool fault_on(const struct node *n, struct journal_entry *out)
{
	struct search s = {.key = key_of(n), .out = out};
	return journal_each(n->fleet->state, is_on, &s) &&
	       (!n->fleet->rehearsal || journal_owned(out, n->fleet->world));
}

bool fault_hold_on(const struct node *n, struct journal_entry *out)
{
	struct search s = {.key = key_of(n), .hold = true, .out = out};
	return journal_each(n->fleet->state, is_on, &s);
}

/* --- injecting ----------------------------------------------------------- */

static void deadline_passed(void *arg)
{
	struct fault *f = arg;
	fault_submit_revert(f->node, "deadline", 0);
}

static void hold(struct fault *f, const struct work *w)
{
	struct fleet *fleet = f->node->fleet;
	struct err e = {0};
	if (w->for_ns < 0 || w->detach)
		return;
	f->deadline = loop_timer_new(fleet->loop, deadline_passed, f, &e);
	f->deadline_ns = f->injected_ns + w->for_ns;
	if (f->deadline)
		loop_timer_at(f->deadline, f->deadline_ns);
	else
		report_warning(fleet->report, f->node,
			       "no timer for its end: it holds until the end");
}

/* From here on it is its deadline's, which the guard sees to. */
static void hand_over(struct fault *f)
{
	f->node->fleet->detached = true;
	*slot_of(f) = NULL;
	fault_free(f);
}

static void say_no_effect(struct fault *f, const struct err *why)
{
	struct node *n = f->node;
	struct err e = *why;
	bool start = is_hold(f);
	if (!start)
		e.code = EXIT_INCONCLUSIVE;
	err_prefix(&e, "%s '%s'%s", f->action->name, n->conf->name,
		   start ? "" : " had no effect and is undone");
	report_error(n->fleet->report, n, n->current->line, &e);
}

static int no_act(struct task *t, struct err *e)
{
	(void)t;
	(void)e;
	return 0;
}

static void effect_known(struct task *t, const struct err *e)
{
	struct fault *f = t->fault;
	struct node *n = f->node;
	if (e) {
		say_no_effect(f, e);
		fault_submit_revert(n, "it had no effect", 0);
		fleet_finish(n);
		return;
	}
	if (f->effect.seen_ns)
		report_verified(n->fleet->report, f);
	if (n->current->stay)
		fault_over(f);
	else if (n->current->detach)
		hand_over(f);
	fleet_finish(n);
}

/* The earlier of its own and the session's; the latter gives a node that is only being brought up
 * the time to get ready. CLOCK_MONOTONIC, 0: none. */
static int64_t deadline_of(const struct fault *f, const struct work *w, int64_t from_ns)
{
	int64_t last = f->node->fleet->deadline_ns, own = from_ns + w->for_ns;
	if (last && is_hold(f))
		last += f->node->conf->ready_within_ns;
	if (w->for_ns < 0)
		return last;
	return last && last < own ? last : own;
}

static void set_deadline(struct fault *f, int64_t deadline_ns)
{
	struct fleet *fleet = f->node->fleet;
	struct journal_entry *j = &f->entry;
	j->deadline_ns = deadline_ns;
	if (!deadline_ns)
		return;
	j->deadline_s = anchor_unix_s(&fleet->report->sink.anchor, deadline_ns);
	guard_tell(&fleet->guard, deadline_ns);
}

static void injected(struct task *t, const struct err *e)
{
	struct fault *f = t->fault;
	struct node *n = f->node;
	struct report *r = n->fleet->report;
	if (e) {
		f->unsure = !t->untouched;
		say_no_effect(f, e);
		fault_revert(n, f, "it had no effect");
		return;
	}
	f->injected_ns = mono_ns();
	f->forced = t->forced;
	if (n->current->for_ns >= 0 && !is_hold(f)) {
		set_deadline(f, deadline_of(f, n->current, f->injected_ns));
		journal_due(n->fleet->state, &f->entry);
	}
	if (is_hold(f)) {
		report_ready(r, n, f->action->name, NULL, t->launched,
			     ns_to_ms(f->injected_ns - t->begun_ns));
		if (t->by_other) /* not ours to stop at the end */
			fault_over(f);
		fleet_finish(n);
		return;
	}
	report_injected(r, f, n->current);
	if (f->action->node_down)
		report_down(r, n, f->action->name, f);
	hold(f, n->current);
	/* Its guard must get through, also if we are stopped from here on. */
	fleet_let_others(n);
	task_run(&n->task, f, false, no_act, effect_look, effect_within_ns, effect_known);
}

static int64_t inject_bound(const struct node *n, const struct action *a)
{
	return a->verify_within_ns ? a->verify_within_ns : n->conf->ready_within_ns;
}

static struct fault *fault_new(struct node *n, const struct action *a, const struct work *w)
{
	struct fault *f = mem_alloc(sizeof *f);
	struct journal_entry *j = &f->entry;
	const struct anchor *clock = &n->fleet->report->sink.anchor;
	f->action = a;
	f->node = n;
	f->requested_ns = w->requested_ns;
	snprintf(j->action, sizeof j->action, "%s", a->name);
	snprintf(j->node, sizeof j->node, "%s", n->conf->name);
	snprintf(j->kind, sizeof j->kind, "%s", n->kind->name);
	snprintf(j->key, sizeof j->key, "%s", key_of(n));
	memcpy(j->world, n->fleet->world, sizeof j->world);
	j->target = n->id;
	j->owner = n->fleet->self;
	j->guard = n->fleet->guard.id;
	j->stays = w->stay;
	j->detached = w->detach;
	j->since_s = anchor_unix_s(clock, mono_ns());
	/* Its time counts from when it is confirmed, which may take so long. */
	set_deadline(f, deadline_of(f, w, mono_ns() + inject_bound(n, a)));
	return f;
}

/* The intent is on disk before anything is touched; if it cannot be, nothing is. */
static int write_intent(struct fault *f, struct err *e)
{
	struct fleet *fleet = f->node->fleet;
	int64_t from = mono_ns();
	if (journal_intend(fleet->state, &f->entry, f->action->uid_prefix,
			   &fleet->last_uid[is_hold(f)], fleet->config, f->node->conf, e))
		return err_prefix(e, "%s '%s': not done", f->action->name, f->entry.node);
	if (journal_begin(fleet->state, &f->entry, e)) {
		journal_done(fleet->state, &f->entry);
		return err_prefix(e, "%s '%s': not done", f->action->name, f->entry.node);
	}
	f->journal_ns = mono_ns() - from;
	return 0;
}

static int may_inject(struct node *n, const struct action *a, const struct work *w, struct err *e)
{
	if (w->verb->check(n, e) || verb_check_program(w->verb, n, w->stay, e))
		return -1;
	/* What stays needs nobody who puts it back. */
	if (w->stay || fleet_need_guard(n->fleet, e) == 0)
		return 0;
	n->fleet->report->code = exit_worse(n->fleet->report->code, EXIT_RUNTIME);
	return err_prefix(e, "%s '%s': not done", a->name, n->conf->name);
}

/* Of two that each leave the other's node up, the second sees the intent of the first. */
static int intend(struct fault *f, const struct work *w, struct err *e)
{
	struct fleet *fleet = f->node->fleet;
	if (is_hold(f) || w->all_down || fleet->all_down)
		return write_intent(f, e);
	int turn = choose_begin(fleet, e);
	if (turn < 0)
		return err_prefix(e, "%s '%s': not done", f->action->name, f->entry.node);
	int rc = choose_leaves_some(w->verb, &f->node, 1, e) ? -1 : write_intent(f, e);
	close(turn);
	return rc;
}

void fault_inject(struct node *n, const struct action *a, const struct work *w)
{
	struct report *r = n->fleet->report;
	struct err e = {0};
	struct fault *f = NULL;
	char text[200];
	int rc = may_inject(n, a, w, &e);
	if (!rc) {
		f = fault_new(n, a, w);
		rc = intend(f, w, &e);
	}
	if (rc) {
		fault_free(f);
		report_error(r, n, w->line, &e);
		fleet_finish(n);
		return;
	}
	*slot_of(f) = f;
	if (!is_hold(f))
		report_requested(r, f);
	if (n->kind->warn && n->kind->warn(n, a, text, sizeof text))
		report_warning(r, n, text);
	task_run(&n->task, f, false, a->inject, a->verify, inject_bound(n, a), injected);
}

/* --- undoing -------------------------------------------------------------- */

bool fault_unfinished(const struct fault *f)
{
	bool maybe = f->adopted ? !journal_other_boot(&f->entry, f->node->fleet->world) : f->unsure;
	return maybe && f->entry.begun;
}

static void undone(struct task *t, const struct err *e)
{
	struct fault *f = t->fault;
	struct node *n = f->node;
	struct report *r = n->fleet->report;
	crash_point();
	if (e) {
		f->failed = true;
		if (!f->unsure) /* else its guard tries again, then who comes next */
			journal_fail(n->fleet->state, &f->entry);
		report_revert_failed(r, f, e);
		fleet_finish(n);
		return;
	}
	if (is_hold(f)) {
		if (n->kind->forget)
			n->kind->forget(n);
		if (t->acted)
			report_down(r, n, f->action->name, NULL);
		if (n->fault && n->fault->adopted && n->fault->action->ends_with_node)
			fault_over(n->fault);
	} else {
		report_ready(r, n, f->action->name, f, t->launched,
			     ns_to_ms(mono_ns() - f->revert_ns));
		report_reverted(r, f, t->by_other);
		if (t->note[0])
			report_warning(r, n, t->note);
		if (t->unstayed)
			r->code = exit_worse(r->code, EXIT_INCONCLUSIVE);
	}
	fault_over(f);
	fleet_finish(n);
}

/* Its guard, or somebody's undo, has seen to it and removed the entry. */
static void put_back_by_other(struct node *n, struct fault *f)
{
	struct report *r = n->fleet->report;
	if (!f->adopted && !is_hold(f)) {
		report_reverting(r, f);
		report_put_back(r, f);
	}
	*slot_of(f) = NULL;
	fault_free(f);
	fleet_finish(n);
}

int fault_adopt(struct node *n, const struct action *a, const struct journal_entry *j,
		struct err *e)
{
	struct fault *f = mem_alloc(sizeof *f);
	f->action = a;
	f->node = n;
	f->entry = *j;
	f->adopted = true;
	if (*slot_of(f)) {
		err_runtime(e, "'%s' has %s as well", n->conf->name, (*slot_of(f))->entry.uid);
		free(f);
		return -1;
	}
	*slot_of(f) = f;
	return 0;
}

void fault_revert(struct node *n, struct fault *f, const char *why)
{
	const struct action *a = f->action;
	int64_t bound = a->reverted_within_ns ? a->reverted_within_ns : n->conf->ready_within_ns;
	f->why = why;
	f->revert_ns = mono_ns();
	loop_timer_free(f->deadline);
	f->deadline = NULL;
	if (!journal_has(n->fleet->state, &f->entry)) {
		put_back_by_other(n, f);
		return;
	}
	if (fault_unfinished(f))
		bound += n->kind->answers_within_ns;
	if (!is_hold(f))
		report_reverting(n->fleet->report, f);
	task_run(&n->task, f, true, a->revert, a->verify_reverted, bound, undone);
}

void fault_submit_revert(struct node *n, const char *why, size_t line)
{
	fleet_submit(n, &(struct work){.verb = &verb_revert,
				       .for_ns = -1,
				       .why = why,
				       .line = line,
				       .requested_ns = mono_ns()});
}
