/* A fault from its intent in the journal to its effect, seen from outside. */
#include "faults/fault.h"

#include "faults/action.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/field.h"
#include "base/units.h"
#include "events/emit.h"
#include "faults/external_check.h"
#include "faults/held.h"
#include "faults/survivors.h"
#include "journal/guard_client.h"
#include "node/kind.h"
#include "node/node.h"
#include "node/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each preparing step has a shorter bound of its own. */
static const int64_t prepare_within_ns = 60 * NS_PER_S;

static void deadline_passed(void *arg)
{
	struct fault *f = arg;
	fault_submit_revert(f->node, f, "deadline", 0);
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
		emit_warning(fleet->emitter, f->node->conf->name,
			     "no timer for its end: it holds until the end");
}

/* From here on it is its deadline's, which the guard sees to. */
static void hand_over(struct fault *f)
{
	f->node->fleet->detached = true;
	fault_detach(f);
	fault_free(f);
}

static void say_no_effect(struct fault *f, const struct err *why)
{
	struct node *n = f->node;
	struct err e = *why;
	bool start = fault_is_bring_up(f);
	if (!start)
		e.code = EXIT_INCONCLUSIVE;
	err_prefix(&e, "%s '%s'%s", f->action->name, n->conf->name,
		   start ? "" : " had no effect and is undone");
	if (start)
		node_name_log(n, &e);
	emit_error(n->fleet->emitter, n->conf->name, n->current->line, &e);
}

static void effect_known(struct task *t, const struct err *e)
{
	struct fault *f = t->fault;
	struct node *n = f->node;
	/* Behind its deadline, as after Ctrl-Z, its guard may have undone it: that says nothing. */
	if (e && !(f->deadline_ns && mono_ns() >= f->deadline_ns)) {
		say_no_effect(f, e);
		fault_submit_revert(n, f, "it had no effect", 0);
		queue_finish(n);
		return;
	}
	if (f->external.seen_ns)
		emit_verified(n->fleet->emitter, &(struct subject)FAULT_SUBJECT(f), &f->external,
			      node_state_name(node_look(n)), f->requested_ns);
	if (f->entry.ends_target)
		fault_submit_revert(n, f, fault_heals, 0);
	else if (n->current->stay)
		fault_over(f);
	else if (n->current->detach)
		hand_over(f);
	queue_finish(n);
}

/* The earlier of its own and the session's; the latter gives a node that is only being brought up
 * the time to get ready. CLOCK_MONOTONIC, 0: none. */
static int64_t deadline_of(const struct fault *f, const struct work *w, int64_t from_ns)
{
	int64_t last = f->node->fleet->deadline_ns, own = from_ns + w->for_ns;
	if (last && fault_is_bring_up(f))
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
	j->deadline_s = anchor_unix_s(&fleet->emitter->sink.anchor, deadline_ns);
}

static void say_injected(const struct fault *f, const struct work *w)
{
	struct injection i = {.past = f->action->past,
			      .requested_ns = f->requested_ns,
			      .injected_ns = f->injected_ns,
			      .journal_ns = f->journal_ns,
			      .due_ns = w->due_ns,
			      .for_ns = w->for_ns,
			      .forced = f->forced,
			      .stays = w->stay,
			      .detached = w->detach,
			      .heals = f->entry.ends_target,
			      .effect = action_effect_name(f->action->effect)};
	f->node->kind->show(&f->entry.target, &i.target);
	emit_injected(f->node->fleet->emitter, &(struct subject)FAULT_SUBJECT(f), &i);
}

static void undo_failed(struct node *n)
{
	fault_revert(n, n->task.fault, "it had no effect");
}

static void injected(struct task *t, const struct err *e)
{
	struct fault *f = t->fault;
	struct node *n = f->node;
	if (e) {
		f->unsure = !t->untouched;
		say_no_effect(f, e);
		node_show_log(n, e, undo_failed);
		return;
	}
	f->injected_ns = mono_ns();
	f->forced = t->forced;
	if (n->current->for_ns >= 0 && !fault_is_bring_up(f)) {
		set_deadline(f, deadline_of(f, n->current, f->injected_ns));
		journal_due(n->fleet->state, n->fleet->kept, &f->entry);
	}
	if (fault_is_bring_up(f)) {
		node_emit_ready(n, f->action->name, NULL, ns_to_ms(f->injected_ns - t->begun_ns));
		if (t->by_other) /* not ours to stop at the end */
			fault_over(f);
		queue_finish(n);
		return;
	}
	/* Its guard must get through, also if we are stopped from here on, or nobody reads what we say. */
	queue_let_others(n);
	say_injected(f, n->current);
	if (f->action->node_down)
		node_emit_down(n, f->action->name, f->entry.uid);
	hold(f, n->current);
	if (f->action->effect == EFFECT_SILENT && !f->entry.ends_target) {
		task_run(&n->task, f, NULL, TASK_LOOK(external_check_look), external_check_within_ns,
			 effect_known);
		return;
	}
	f->external.seen_ns = f->injected_ns;
	snprintf(f->external.check, sizeof f->external.check, "%.60s verify", f->action->name);
	snprintf(f->external.answer, sizeof f->external.answer, "yes");
	effect_known(&n->task, NULL);
}

static int64_t inject_bound(const struct node *n, const struct action *a)
{
	int64_t act_ns = a->inject.begin ? 0 : n->kind->act_within_ns;
	return act_ns + (a->verify_within_ns ? a->verify_within_ns : n->conf->ready_within_ns);
}

static int describe(struct journal_entry *j, const struct node *n, const struct action *a,
		    struct err *e)
{
	return field_put(j->action, sizeof j->action, a->name, "action", e) ||
			       field_put(j->node, sizeof j->node, n->conf->name, "name", e) ||
			       field_put(j->kind, sizeof j->kind, n->kind->name, "kind", e) ||
			       field_put(j->key, sizeof j->key, node_key(n), "key", e) ||
			       field_put(j->config, sizeof j->config, n->fleet->config->path, "config's path", e)
		       ? -1
		       : 0;
}

/* What the journal keeps of it, as of now. */
static int fill_entry(struct fault *f, const struct work *w, struct err *e)
{
	struct node *n = f->node;
	const struct action *a = f->action;
	struct journal_entry *j = &f->entry;
	const struct anchor *clock = &n->fleet->emitter->sink.anchor;
	memcpy(j->world, n->fleet->world, sizeof j->world);
	j->target = n->id;
	j->owner = n->fleet->self;
	if (n->fleet->guard)
		j->guard = n->fleet->guard->id;
	j->stays = w->stay;
	j->detached = w->detach;
	j->degraded = a->effect != EFFECT_SILENT && !fault_is_bring_up(f);
	j->ends_target = fault_ends_with_target(a, n);
	j->since_s = anchor_unix_s(clock, mono_ns());
	/* The deadline counts from the confirmation, which comes within inject_bound. */
	set_deadline(f, deadline_of(f, w, mono_ns() + inject_bound(n, a)));
	return describe(j, n, a, e) ? err_prefix(e, "%s '%s'", a->name, n->conf->name) : 0;
}

/* The intent is on disk before anything is touched; if it cannot be, nothing is. */
static int write_intent(struct fault *f, struct err *e)
{
	struct fleet *fleet = f->node->fleet;
	int64_t from = mono_ns();
	if (journal_intend(fleet->state, fleet->kept, &f->entry, f->action->uid_prefix,
			   &fleet->last_uid[fault_is_bring_up(f)], fleet->config, f->node->conf, e))
		return -1;
	if (journal_begin(fleet->state, fleet->kept, &f->entry, e)) {
		journal_done(fleet->state, fleet->kept, &f->entry);
		return -1;
	}
	f->journal_ns = mono_ns() - from;
	return 0;
}

static void not_done(struct fault *f, const struct err *why)
{
	struct node *n = f->node;
	struct err e = *why;
	if (e.code != EXIT_USAGE)
		err_prefix(&e, "%s '%s': not done", f->action->name, n->conf->name);
	survivors_release(&f->survivors);
	fault_free(f);
	emit_error(n->fleet->emitter, n->conf->name, n->current->line, &e);
	queue_finish(n);
}

/* The node is checked again: it may have changed during the preparation. */
static void may_go_on(struct task *t, const struct err *why)
{
	struct fault *f = t->fault;
	struct node *n = f->node;
	const struct action *a = f->action;
	struct err e = {0};
	char text[200];
	if (why || n->current->verb->check(n->current->verb, n, &e)) {
		not_done(f, why ? why : &e);
		return;
	}
	int rc = fill_entry(f, n->current, &e) || write_intent(f, &e);
	survivors_release(&f->survivors);
	if (rc) {
		not_done(f, &e);
		return;
	}
	fault_attach(f);
	node_forget_answer(n);
	if (!fault_is_bring_up(f))
		emit_requested(n->fleet->emitter, &(struct subject)FAULT_SUBJECT(f),
			       n->current->line, f->requested_ns);
	if (a->node_down && n->kind->warn_down && n->kind->warn_down(n, a->does, text, sizeof text))
		emit_warning(n->fleet->emitter, n->conf->name, text);
	if (a->node_down || f->entry.ends_target)
		fault_node_dies(n);
	task_run(&n->task, f, NULL, action_injection(a, n), inject_bound(n, a), injected);
}

static int no_guard(const struct fleet *f)
{
	f->emitter->code = exit_worse(f->emitter->code, EXIT_RUNTIME);
	return -1;
}

/* A fault with --stay-down is never reverted, so it needs no guard. */
static int need_guard(struct task *t, struct err *e)
{
	struct fleet *f = t->node->fleet;
	return t->node->current->stay || held_need_guard(f, e) == 0 ? 0 : no_guard(f);
}

static enum verdict look_before(struct task *t, struct err *e)
{
	struct fleet *f = t->node->fleet;
	enum verdict guard = t->node->current->stay ? VERDICT_YES : held_guard_ready(f, e);
	if (guard == VERDICT_NO)
		no_guard(f);
	if (guard != VERDICT_YES)
		return guard;
	if (f->ending) {
		err_runtime(e, "all faults are being reverted");
		return VERDICT_NO;
	}
	enum verdict answers = external_check_answers_yet(t, e);
	return answers == VERDICT_YES ? survivors_step(&t->fault->survivors, e) : answers;
}

static void make_sure(struct fault *f)
{
	struct node *n = f->node;
	const struct work *w = n->current;
	/* Of two that each leave the other's node up, the second sees the intent of the first. */
	if (f->action->effect == EFFECT_SILENT && !w->all_down && !n->fleet->all_down) {
		survivors_begin(&f->survivors, w->verb->name, &f->node, 1, true);
		f->survivors.requested_ns = f->requested_ns;
	}
	task_run(&n->task, f, NULL, (struct step){need_guard, look_before}, prepare_within_ns, may_go_on);
}

static void is_prepared(struct task *t, const struct err *e)
{
	if (e)
		not_done(t->fault, e);
	else
		make_sure(t->fault);
}

void fault_inject(struct node *n, const struct action *a, const struct work *w)
{
	struct fault *f = mem_alloc(sizeof *f);
	f->action = a;
	f->node = n;
	f->requested_ns = w->requested_ns;
	f->meant_ns = work_meant_ns(w);
	f->entry.target = n->id;
	if (a->prepare.look)
		task_run(&n->task, f, NULL, a->prepare, inject_bound(n, a),
			 is_prepared);
	else
		make_sure(f);
}
