#include "faults/fault.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "faults/action.h"
#include "faults/present.h"
#include "journal/kept.h"
#include "node/kind.h"
#include "node/node.h"
#include "seam.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t try_again_ns = 50 * NS_PER_MS, try_again_most_ns = NS_PER_S;
static const int64_t try_for_ns = 30 * BOUND_S;

const char fault_heals[] = "healing";

bool fault_is_bring_up(const struct fault *f)
{
	return f->action == &action_bring_up;
}

bool fault_ends_with_target(const struct action *a, const struct node *n)
{
	bool kills = a->node_down && !a->revert.look;
	return a->ends_target || (kills && n->kind->heals && n->kind->heals(n));
}

void fault_attach(struct fault *f)
{
	struct node *n = f->node;
	f->number = ++n->fleet->fault_count;
	if (fault_is_bring_up(f)) {
		n->brought_up = f;
		return;
	}
	f->next = n->faults;
	n->faults = f;
}

void fault_detach(struct fault *f)
{
	struct fault **at = fault_is_bring_up(f) ? &f->node->brought_up : &f->node->faults;
	while (*at && *at != f)
		at = &(*at)->next;
	if (*at)
		*at = f->next;
}

void fault_free(struct fault *f)
{
	if (!f)
		return;
	loop_timer_free(f->deadline);
	json_free(f->found);
	free(f);
}

void fault_over(struct fault *f)
{
	/* While its owner is stopped in the middle of something, the entry stays. */
	if (!f->adopted || f->node->locked || !proc_alive(&f->entry.owner))
		journal_done(f->node->fleet->state, f->node->fleet->kept, &f->entry);
	fault_detach(f);
	fault_free(f);
}

void fault_node_dies(struct node *n)
{
	for (struct fault *f = n->faults; f; f = f->next)
		f->died_by_us = true;
}

/* True if the act of a fault that is being undone may still come: it has not shown, or the one who
 * did it died, maybe over that. */
static bool unfinished(const struct fault *f)
{
	bool maybe = f->adopted ? journal_standing(&f->entry, f->node->fleet->world) !=
					  STANDING_BEFORE_BOOT
				: f->unsure;
	return maybe && f->entry.begun;
}

static void say_failed(const struct fault *f, const struct err *e)
{
	char hand[512];
	const struct kind *k = f->node->kind;
	bool removed = k->remake && k->remake(f->node, f->entry.uid, hand, sizeof hand);
	if (!removed && f->unsure)
		snprintf(hand, sizeof hand, "chaos-fault undo %s", f->entry.uid);
	else if (!removed)
		action_by_hand(f->action, f->node, f->entry.uid, hand, sizeof hand);
	struct err named = *e;
	node_name_log(f->node, &named);
	emit_revert_failed(f->node->fleet->emitter, &(struct subject)FAULT_SUBJECT(f), hand, &named);
}

/* True if what was paused had ended, by nothing of ours, before its undo did anything. */
static bool ended_paused(const struct fault *f, const struct task *t)
{
	return !f->died_by_us && (f->died || (t->died && !f->acted));
}

static void say_reverted(const struct fault *f, const struct task *t, bool by_other)
{
	struct node *n = f->node;
	char check[80];
	bool degraded = f->action->effect != EFFECT_SILENT;
	struct reversion v = {.state = node_state_name(node_look(n)),
			      .check = check,
			      .answer = degraded ? "yes" : "ready",
			      .degraded = degraded,
			      .revert_ns = f->revert_ns,
			      .injected_ns = f->injected_ns,
			      .by_other = by_other,
			      .adopted = f->adopted || !f->injected_ns,
			      .was_down = f->action->node_down || t->died,
			      .died = ended_paused(f, t) && (t->launched || f->acted),
			      .heals = f->entry.ends_target,
			      .healed_ns = f->healed_ns,
			      .found = f->found};
	if (v.degraded)
		snprintf(check, sizeof check, "%.60s verify-reverted", f->action->name);
	else
		node_check_words(n->conf, check, sizeof check);
	n->kind->show(&n->id, &v.now);
	emit_reverted(n->fleet->emitter, &(struct subject)FAULT_SUBJECT(f), &v);
}

static void over_with_node(struct node *n)
{
	struct fault *f = n->faults;
	while (f) {
		struct fault *next = f->next;
		if (f->adopted && f->action->ends_with_node)
			fault_over(f);
		f = next;
	}
}

/* Of a node's faults the next that the work under way is to undo. */
static void revert_next(struct node *n)
{
	const struct work *w = n->current;
	struct fault *f = n->faults;
	while (f && (w->fault ? f->number != w->fault : f->revert_ns >= w->requested_ns))
		f = f->next;
	if (w->verb == &verb_revert && f && f->revert_ns < w->requested_ns)
		fault_revert(n, f, w->why);
	else
		queue_finish(n);
}

static void try_undo(struct fault *f);
static void put_back_by_other(struct node *n, struct fault *f);

static enum verdict look_pause(struct task *t, struct err *e)
{
	err_runtime(e, "its undo is tried again in a moment");
	return mono_ns() >= t->fault->again_ns ? VERDICT_YES : VERDICT_WAIT;
}

static void pause_over(struct task *t, const struct err *e)
{
	struct fault *f = t->fault;
	const struct fleet *fleet = f->node->fleet;
	struct journal_entry now = f->entry;
	(void)e;
	if (journal_presence(fleet->state, fleet->kept, &now) == JOURNAL_DONE) /* by its guard */
		put_back_by_other(f->node, f);
	else
		try_undo(f);
}

/* What is short now (processes, descriptors, disk space) may not be in a moment; a server that does
 * not get ready in its time has had that. What has failed before is tried once. */
static bool try_again(struct fault *f, const struct err *e)
{
	struct node *n = f->node;
	int64_t now = mono_ns();
	int64_t pause = f->pause_ns ? 2 * f->pause_ns : try_again_ns;
	struct undo undo = n->task.undo;
	pause = pause < try_again_most_ns ? pause : try_again_most_ns;
	if (n->task.late || f->entry.failed || now + pause >= f->revert_ns + try_for_ns)
		return false;
	if (!f->pause_ns) {
		struct err why = *e;
		err_prefix(&why, "%s of '%s' is not undone yet, and tried again", f->action->name,
			   n->conf->name);
		emit_warning(n->fleet->emitter, n->conf->name, why.msg);
	}
	f->pause_ns = pause;
	f->again_ns = now + pause;
	task_run(&n->task, f, &undo, TASK_LOOK(look_pause), try_for_ns, pause_over);
	return true;
}

/* Past its deadline, its guard undoes it as well. */
static bool is_guards(const struct fault *f)
{
	return f->entry.deadline_ns && f->revert_ns >= f->entry.deadline_ns;
}

/* What runs already after a try that failed, but did something, was put back by that. */
static void say_undone(struct fault *f, const struct task *t)
{
	struct node *n = f->node;
	struct emitter *r = n->fleet->emitter;
	bool heals = f->entry.ends_target, died = ended_paused(f, t);
	bool by_other = !heals && (died || (t->by_other && !f->acted));
	f->healed_ns = !f->action->node_down ? t->healed_ns : t->launched || f->acted ? 0 : mono_ns();
	if (f->action->effect == EFFECT_SILENT)
		node_emit_ready(n, f->action->name, f->entry.uid, ns_to_ms(mono_ns() - f->revert_ns));
	if (by_other && f->pause_ns && !t->launched && !f->acted)
		emit_put_back(r, &(struct subject)FAULT_SUBJECT(f), true);
	else
		say_reverted(f, t, by_other);
	if (t->note[0] && !heals)
		emit_warning(r, n->conf->name, t->note);
	/* Whoever comes later to undo it has no measurement that this would spoil. */
	if (heals && !f->healed_ns && !r->session)
		r->code = exit_worse(r->code, EXIT_NO);
	if (f->unstayed || (t->unstayed && !heals) || (by_other && f->injected_ns && (died || !(f->pause_ns && is_guards(f)))))
		r->code = exit_worse(r->code, EXIT_INCONCLUSIVE);
}

/* What a try that failed has seen and done, which the next one cannot tell any more. */
static void keep_tried(struct fault *f, const struct task *t)
{
	bool unstayed = t->unstayed && !f->entry.ends_target;
	if (unstayed)
		emit_warning(f->node->fleet->emitter, f->node->conf->name, t->note);
	f->died = ended_paused(f, t);
	f->unstayed |= unstayed;
	f->acted |= t->acted || t->launched;
	f->tried |= f->acted || f->unstayed || t->recorded;
}

static void undone(struct task *t, const struct err *e)
{
	struct fault *f = t->fault;
	struct node *n = f->node;
	crash_point();
	if (e)
		keep_tried(f, t);
	if (e && try_again(f, e))
		return;
	if (e) {
		f->failed = true;
		if (!f->unsure) /* else its guard tries again, then the next command */
			journal_fail(n->fleet->state, n->fleet->kept, &f->entry);
		say_failed(f, e);
		node_show_log(n, e, revert_next);
		return;
	}
	if (fault_is_bring_up(f)) {
		if (n->kind->forget)
			n->kind->forget(n);
		if (t->acted || f->acted)
			node_emit_down(n, f->action->name, NULL);
		over_with_node(n);
	} else {
		say_undone(f, t);
	}
	fault_over(f);
	revert_next(n);
}

/* Its guard, or somebody's undo, has seen to it and removed the entry. */
static void put_back_by_other(struct node *n, struct fault *f)
{
	struct emitter *r = n->fleet->emitter;
	if (!f->adopted && !fault_is_bring_up(f)) {
		if (!f->pause_ns)
			emit_reverting(r, &(struct subject)FAULT_SUBJECT(f), f->why, f->revert_ns);
		emit_put_back(r, &(struct subject)FAULT_SUBJECT(f), !f->entry.ends_target);
		if (f->died || f->unstayed || !is_guards(f))
			r->code = exit_worse(r->code, EXIT_INCONCLUSIVE);
	}
	kept_drop(n->fleet->kept, f->entry.uid);
	fault_detach(f);
	fault_free(f);
	revert_next(n);
}

int fault_adopt(struct node *n, const struct action *a, const struct journal_entry *j,
		struct err *e)
{
	struct fault *f = mem_alloc(sizeof *f);
	f->action = a;
	f->node = n;
	f->entry = *j;
	f->adopted = true;
	n->id = j->target; /* until it is looked at */
	if (fault_is_bring_up(f) && n->brought_up) {
		err_runtime(e, "'%s' has been brought up by a session already (%s)", n->conf->name, n->brought_up->entry.uid);
		free(f);
		return -1;
	}
	fault_attach(f);
	return 0;
}

static void try_undo(struct fault *f)
{
	struct node *n = f->node;
	const struct action *a = f->action;
	int64_t bound = a->reverted_within_ns ? a->reverted_within_ns : n->conf->ready_within_ns;
	const struct undo undo = {.target = f->entry.target,
				  .adopted = f->adopted,
				  .unfinished = unfinished(f),
				  .node_down = a->node_down,
				  .tried = f->tried,
				  .heals = f->entry.ends_target};
	if (undo.heals)
		bound += n->conf->ready_within_ns * (a->node_down ? 2 : 1);
	if (undo.unfinished)
		bound += n->kind->answers_within_ns;
	task_run(&n->task, f, &undo, action_undo(a, n), bound, undone);
}

/* The journal has lost the entry. Where another fault has been injected since, the node was back; one that says it was
 * injected when this was, or before, is what became of the entry. */
static bool is_lost(struct fault *f)
{
	struct node *n = f->node;
	struct fleet *fleet = n->fleet;
	struct journal_entry other;
	struct err e = {0};
	if (!fault_is_bring_up(f) && fault_on(n, f->action, &other) && other.since_s > f->entry.since_s)
		return false;
	if (journal_recover(fleet->state, fleet->kept, &f->entry, &e) == 0)
		emit_warning(fleet->emitter, n->conf->name,
			     "its fault was lost from the journal, and is undone from memory");
	else
		emit_warning(fleet->emitter, n->conf->name, e.msg);
	return true;
}

void fault_revert(struct node *n, struct fault *f, const char *why)
{
	struct fleet *fleet = n->fleet;
	f->why = why;
	f->revert_ns = mono_ns();
	f->pause_ns = 0;
	loop_timer_free(f->deadline);
	f->deadline = NULL;
	enum journal_presence there = journal_presence(fleet->state, fleet->kept, &f->entry);
	if (there == JOURNAL_DONE || (there == JOURNAL_LOST && !is_lost(f))) {
		put_back_by_other(n, f);
		return;
	}
	journal_spend(fleet->state, fleet->kept, &f->entry);
	if (n->kind->remember)
		n->kind->remember(n, &f->entry.target);
	if (!fault_is_bring_up(f) && why != fault_heals)
		emit_reverting(fleet->emitter, &(struct subject)FAULT_SUBJECT(f), why,
			       f->revert_ns);
	try_undo(f);
}

static void run_revert(struct node *n, struct work *w)
{
	(void)w;
	revert_next(n);
}

static void revert_not_run(struct node *n, const struct work *w)
{
	for (struct fault *f = n->faults; f; f = f->next)
		f->failed |= !w->fault || f->number == w->fault;
}

static void run_put_down(struct node *n, struct work *w)
{
	if (n->brought_up)
		fault_revert(n, n->brought_up, w->why);
	else
		queue_finish(n);
}

const struct verb verb_revert = {
	.name = "revert", .run = run_revert, .what = WORK_UNDO, .not_run = revert_not_run};
const struct verb verb_put_down = {.name = "put down", .run = run_put_down, .what = WORK_RELEASE};

void fault_submit_revert(struct node *n, const struct fault *f, const char *why, size_t line)
{
	queue_submit(n, &(struct work){.verb = &verb_revert,
				       .for_ns = -1,
				       .fault = f ? f->number : 0,
				       .why = why,
				       .line = line,
				       .requested_ns = mono_ns()});
}
