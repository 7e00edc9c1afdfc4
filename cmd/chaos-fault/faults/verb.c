#include "faults/verb.h"

#include "faults/action.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/suggest.h"
#include "base/units.h"
#include "faults/built_in.h"
#include "faults/fault.h"
#include "faults/present.h"
#include "faults/in_use.h"
#include "node/node.h"
#include "node/record.h"
#include "seam.h"

#include <fnmatch.h>
#include <string.h>

/* By so much the moments of two commands may be off. */
static const int64_t moment_ns = 100 * NS_PER_MS;

/* --- what may not be -------------------------------------------------------- */

/* A fault of another chaos-fault, or of one that died, is named with its owner. */
static int err_has_fault(const struct node *n, const struct journal_entry *j, struct err *e)
{
	const char *name = n->conf->name;
	char words[STANDING_WORDS_MAX];
	if (journal_standing(j, n->fleet->world) == STANDING_ELSEWHERE)
		return err_usage(e, "'%s' has the fault %s (%s) of another pid or time namespace",
				 name, j->uid, j->action);
	if (!journal_left_over(j, n->fleet->world))
		return err_usage(
			e, "'%s' has the fault %s (%s) already, %s", name, j->uid, j->action,
			journal_words(j, n->fleet->world, words, sizeof words));
	return err_usage(e,
			 "'%s' has the fault %s (%s), which could not be put back; "
			 "'chaos-fault undo %s' tries again, 'chaos-fault restart %s' starts anew",
			 name, j->uid, j->action, j->uid, name);
}

static bool is_protected(const struct node *n)
{
	char **p = n->fleet->config->protect;
	for (; p && *p; p++)
		if (fnmatch(*p, n->conf->name, 0) == 0)
			return true;
	return false;
}

static int check_fault(const struct verb *v, struct node *n, struct err *e)
{
	const struct action *a = v->action;
	struct journal_entry j;
	if (a->takes ? a->takes(a, n, e) : node_check_ours(n, e))
		return -1;
	if (n->conf->mode == MODE_PROXY)
		return err_usage(e, "'%s' is the proxy before nodes with 'via'; faults on those go through it",
				 n->conf->name);
	if (is_protected(n))
		return err_usage(e, "'%s' is protected: the config lists it in 'faults: protect'",
				 n->conf->name);
	if (fault_on(n, a, &j))
		return err_has_fault(n, &j, e);
	if (a->plan(n, e))
		return -1;
	return a->node_down && n->kind->refuse_down ? n->kind->refuse_down(n, a->name, e) : 0;
}

static int check_start(const struct verb *v, struct node *n, struct err *e)
{
	(void)v;
	if (node_check_ours(n, e))
		return -1;
	switch (node_look(n)) {
	case NODE_FOREIGN:
		return node_err_foreign(n, e);
	case NODE_PAUSED:
		return node_err_paused(n, e);
	case NODE_UP:
		if (n->conf->mode == MODE_PROXY && !record_ran(n->dir, n->conf))
			return err_usage(e, "'%s' was started by an earlier config; 'chaos-fault restart %s' starts it anew",
					 n->conf->name, n->conf->name);
		break;
	case NODE_DOWN:
	case NODE_UNKNOWN:
		break;
	}
	return 0;
}

/* Not even a node that only runs: another chaos-fault's fault may make it hang, or end it soon. */
static int check_bring_up(const struct verb *v, struct node *n, struct err *e)
{
	struct journal_entry j;
	if (fault_on(n, NULL, &j) && !journal_left_over(&j, n->fleet->world))
		return err_has_fault(n, &j, e);
	return check_start(v, n, e);
}

static int check_restart(const struct verb *v, struct node *n, struct err *e)
{
	(void)v;
	if (node_check_ours(n, e) || in_use_check(n, e))
		return -1;
	return node_look(n) == NODE_FOREIGN ? node_err_foreign(n, e) : 0;
}

static int check_resume(const struct verb *v, struct node *n, struct err *e)
{
	if (check_restart(v, n, e))
		return -1;
	if (!fault_in_way(n, NULL) && node_look(n) == NODE_DOWN)
		return err_usage(e, "'%s' is not running; 'chaos-fault start %s' starts it",
				 n->conf->name, n->conf->name);
	return 0;
}

/* A fault left over by a dead chaos-fault is no reason not to stop the node. */
static int check_down(const struct verb *v, struct node *n, struct err *e)
{
	struct journal_entry j;
	(void)v;
	if (node_check_ours(n, e) || in_use_check(n, e))
		return -1;
	if (fault_on(n, NULL, &j) && !journal_left_over(&j, n->fleet->world) &&
	    journal_standing(&j, n->fleet->world) != STANDING_ELSEWHERE)
		return err_has_fault(n, &j, e);
	return 0;
}

int verb_check_work(const struct work *w, struct node *n, struct err *e)
{
	const struct verb *v = w->verb;
	bool starts = v->action ? v->action->undoes == ACT_START && !w->stay
				: v->starts == STARTS_ANYWAY ||
					  (v->starts == STARTS_IF_DOWN && node_look(n) == NODE_DOWN);
	if (v->action && (w->for_ns >= 0 || w->detach || w->stay) &&
	    fault_ends_with_target(v->action, n))
		return err_usage(e, "%s '%s' ends when the node has healed by itself: it takes no %s",
				 v->name, n->conf->name,
				 w->stay    ? "--stay-down"
				 : w->detach ? "--detach"
					     : "'for'");
	if (v->action && v->action->able && v->action->able(v->action, n, e))
		return -1;
	return starts && n->kind->startable ? n->kind->startable(n->fleet->config, n->conf, e) : 0;
}

/* --- what is done ------------------------------------------------------------ */

/* A command that starts, resumes or stops a node for good has settled what a dead chaos-fault left
 * on it; one that only finds the node up has not, as the act may still take effect. */
static bool drop_left_over(void *arg, const struct journal_entry *j)
{
	const struct node *n = arg;
	const struct action *a = action_find(j->action);
	if (a && a->ends_with_node && strcmp(j->key, node_key(n)) == 0 &&
	    journal_left_over(j, n->fleet->world))
		journal_done(n->fleet->state, n->fleet->kept, j);
	return false;
}

static void failed(struct node *n, const struct err *why)
{
	struct err e = *why;
	err_prefix(&e, "%s '%s'", n->current->verb->name, n->conf->name);
	if (n->task.launched)
		node_left_running(n, &e);
	node_name_log(n, &e);
	n->not_ready = n->current->verb->starts == STARTS_IF_DOWN;
	emit_error(n->fleet->emitter, n->conf->name, n->current->line, &e);
	node_show_log(n, &e, queue_finish);
}

static void is_ready(struct task *t, const struct err *e)
{
	struct node *n = t->node;
	if (e) {
		failed(n, e);
		return;
	}
	n->not_ready = false;
	if (!t->by_other)
		journal_each(n->fleet->state, drop_left_over, n);
	node_emit_ready(n, n->current->verb->name, NULL, ns_to_ms(mono_ns() - t->begun_ns));
	queue_finish(n);
}

static void start(struct node *n)
{
	task_run(&n->task, NULL, NULL, n->kind->steps[ACT_START], n->conf->ready_within_ns, is_ready);
}

static void refuse(struct node *n, const struct work *w, const struct err *e)
{
	emit_error(n->fleet->emitter, n->conf->name, w->line, e);
	queue_finish(n);
}

/* Ends a fault of ours that silences the node if it has one, or refuses what cannot be: true if
 * nothing is left to do here. */
static bool settled(struct node *n, struct work *w)
{
	struct err e = {0};
	struct fault *f = fault_in_way(n, NULL);
	if (f) {
		fault_revert(n, f, "command");
		return true;
	}
	if (w->verb->check(w->verb, n, &e) || verb_check_work(w, n, &e)) {
		refuse(n, w, &e);
		return true;
	}
	return false;
}

static void run_start(struct node *n, struct work *w)
{
	if (!settled(n, w))
		start(n);
}

static void restart_stopped(struct task *t, const struct err *e)
{
	struct node *n = t->node;
	if (e) {
		failed(n, e);
		return;
	}
	if (t->acted)
		node_emit_down(n, n->current->verb->name, NULL);
	start(n);
}

static void run_restart(struct node *n, struct work *w)
{
	if (settled(n, w))
		return;
	fault_node_dies(n);
	task_run(&n->task, NULL, NULL, n->kind->steps[ACT_TERM], TERM_WITHIN_NS, restart_stopped);
}

static void run_resume(struct node *n, struct work *w)
{
	if (!settled(n, w))
		task_run(&n->task, NULL, NULL, n->kind->steps[ACT_RESUME], n->conf->ready_within_ns,
			 is_ready);
}

static void is_down(struct task *t, const struct err *e)
{
	struct node *n = t->node;
	if (e) {
		failed(n, e);
		return;
	}
	journal_each(n->fleet->state, drop_left_over, n);
	if (n->kind->forget)
		n->kind->forget(n);
	struct err other = {0};
	if (t->acted)
		node_emit_down(n, n->current->verb->name, NULL);
	else if (node_look(n) == NODE_FOREIGN && node_err_foreign(n, &other))
		emit_warning(n->fleet->emitter, n->conf->name, other.msg);
	queue_finish(n);
}

static void run_down(struct node *n, struct work *w)
{
	struct err e = {0};
	if (check_down(w->verb, n, &e)) {
		refuse(n, w, &e);
		return;
	}
	fault_node_dies(n);
	task_run(&n->task, NULL, NULL, n->kind->steps[ACT_TERM], TERM_WITHIN_NS, is_down);
}

static void inject(struct node *n, const struct action *a, const struct work *w)
{
	struct err e = {0};
	if (w->verb->check(w->verb, n, &e) || verb_check_work(w, n, &e))
		refuse(n, w, &e);
	else
		fault_inject(n, a, w);
}

/* A fault that is given no end has the config's, unless its session has one. */
static void give_deadline(const struct node *n, struct work *w)
{
	const struct fleet *f = n->fleet;
	if (w->for_ns < 0 && !fault_ends_with_target(w->verb->action, n) && !w->stay && !f->deadline_ns && f->config->fault_deadline_ns)
		w->for_ns = f->config->fault_deadline_ns;
}

/* "kill a for 2s" at 5 s and "kill a" at 7 s: the time of the first counts from when it was
 * confirmed, so that at 7 s it is still there, though it is not meant to be; however late they came. */
static bool undo_is_due(const struct node *n, const struct work *w)
{
	const struct fault *f = fault_in_way(n, w->verb->action);
	return f && f->deadline &&
	       work_meant_ns(w) - f->meant_ns + moment_ns >= f->deadline_ns - f->injected_ns;
}

static enum verdict look_undo_queued(struct task *t, struct err *e)
{
	err_runtime(e, "the fault before it has not ended");
	const struct fault *f = fault_in_way(t->node, t->node->current->verb->action);
	return !f || queue_has_undo(t->node, f->number) ? VERDICT_YES : VERDICT_WAIT;
}

static void let_undo_pass(struct task *t, const struct err *e)
{
	struct node *n = t->node;
	const struct fault *f = fault_in_way(n, n->current->verb->action);
	if (e)
		failed(n, e);
	else if (!f || n->fleet->ending) /* then nothing follows the undo */
		queue_finish(n);
	else
		queue_behind_undo(n, f->number);
}

static void run_fault(struct node *n, struct work *w)
{
	if (undo_is_due(n, w)) {
		const struct fault *f = fault_in_way(n, w->verb->action);
		int64_t bound_ns = f->deadline_ns - mono_ns() + NS_PER_S;
		task_run(&n->task, NULL, NULL, TASK_LOOK(look_undo_queued), bound_ns,
			 let_undo_pass);
		return;
	}
	give_deadline(n, w);
	inject(n, w->verb->action, w);
}

static void run_bring_up(struct node *n, struct work *w)
{
	struct err e = {0};
	if (check_bring_up(w->verb, n, &e)) {
		refuse(n, w, &e);
	} else if (node_look(n) == NODE_UP)
		start(n);
	else
		inject(n, &action_bring_up, w);
}

/* --- the table --------------------------------------------------------------- */

#define FAULT_VERB(word, a) {.name = (word), .action = (a), .check = check_fault, .run = run_fault}
#define ENTRY(name, help) FAULT_VERB(#name, &action_##name),

static const struct verb verbs[] = {
	{.name = "up", .check = check_start, .run = run_start, .starts = STARTS_IF_DOWN},
	{.name = "down", .check = check_down, .run = run_down, .starts = STOPS},
	{.name = "start", .check = check_start, .run = run_start, .starts = STARTS_IF_DOWN},
	{.name = "restart", .check = check_restart, .run = run_restart, .starts = STARTS_ANYWAY},
	{.name = "resume", .check = check_resume, .run = run_resume, .found = "goes on"},
	BUILT_IN_FAULTS(ENTRY)
};

const struct verb verb_bring_up = {
	.name = "bring-up", .check = check_bring_up, .run = run_bring_up, .starts = STARTS_IF_DOWN};

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

const struct verb *verb_need(const char *name, const char **near, struct err *e)
{
	const struct verb *v = verb_find(name);
	if (v)
		return v;
	struct buf all = BUF_INIT;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		suggest(name, verbs[i].name, near);
		buf_addf(&all, "%s, ", verbs[i].name);
	}
	suggest(name, "revert", near);
	err_usage(e, "unknown command '%s'; it is one of %srevert", name, all.data);
	buf_release(&all);
	return NULL;
}

struct verb verb_of_fault(const struct action *a)
{
	return (struct verb)FAULT_VERB(a->name, a);
}
