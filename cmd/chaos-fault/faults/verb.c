#include "faults/verb.h"

#include "faults/action.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/suggest.h"
#include "base/units.h"
#include "faults/fault.h"
#include "node/node.h"
#include "events/report.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static const int64_t stop_within_ns = 10 * NS_PER_S;
/* By so much the moments of two commands may be off. */
static const int64_t moment_ns = 100 * NS_PER_MS;

/* --- what may not be -------------------------------------------------------- */

/* A fault of another chaos-fault, or of one that died, is named with its owner. */
static int err_has_fault(const struct node *n, const struct journal_entry *j, struct err *e)
{
	const char *name = n->conf->name;
	if (journal_owned(j, n->fleet->world))
		return err_usage(
			e, "'%s' has the fault %s (%s) already, held by chaos-fault, process %d",
			name, j->uid, j->action, (int)j->owner.pid);
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

static int check_fault(struct node *n, const struct action *a, struct err *e)
{
	struct journal_entry j;
	if (node_check_ours(n, e))
		return -1;
	if (is_protected(n))
		return err_usage(e, "'%s' is protected: the config lists it in 'faults: protect'",
				 n->conf->name);
	if (fault_on(n, &j))
		return err_has_fault(n, &j, e);
	return a->plan(n, e) || (n->kind->refuse && n->kind->refuse(n, a, e)) ? -1 : 0;
}

static int check_kill(struct node *n, struct err *e)
{
	return check_fault(n, &action_kill, e);
}

static int check_stop(struct node *n, struct err *e)
{
	return check_fault(n, &action_stop, e);
}

static int check_pause(struct node *n, struct err *e)
{
	return check_fault(n, &action_pause, e);
}

static int check_start(struct node *n, struct err *e)
{
	if (node_check_ours(n, e))
		return -1;
	switch (node_look(n)) {
	case NODE_FOREIGN:
		return node_err_foreign(n, e);
	case NODE_PAUSED:
		return err_usage(e, "'%s' is paused; 'chaos-fault resume %s' lets it go on",
				 n->conf->name, n->conf->name);
	case NODE_UP:
	case NODE_DOWN:
	case NODE_UNKNOWN:
		break;
	}
	return 0;
}

/* Not even a node that only runs: another chaos-fault's fault may make it hang, or end it soon. */
static int check_bring_up(struct node *n, struct err *e)
{
	struct journal_entry j;
	if (fault_on(n, &j) && journal_owned(&j, n->fleet->world))
		return err_has_fault(n, &j, e);
	return check_start(n, e);
}

static int check_restart(struct node *n, struct err *e)
{
	if (node_check_ours(n, e))
		return -1;
	return node_look(n) == NODE_FOREIGN ? node_err_foreign(n, e) : 0;
}

static int check_resume(struct node *n, struct err *e)
{
	if (check_restart(n, e))
		return -1;
	if (!n->fault && node_look(n) == NODE_DOWN)
		return err_usage(e, "'%s' is not running; 'chaos-fault start %s' starts it",
				 n->conf->name, n->conf->name);
	return 0;
}

/* A fault left over by a dead chaos-fault is no reason not to stop the node. */
static int check_down(struct node *n, struct err *e)
{
	struct journal_entry j;
	if (node_check_ours(n, e))
		return -1;
	if (fault_on(n, &j) && journal_owned(&j, n->fleet->world))
		return err_has_fault(n, &j, e);
	return 0;
}

int verb_check_program(const struct verb *v, struct node *n, bool stays, struct err *e)
{
	if (!n->kind->startable || v->starts == STARTS_NOTHING || v->starts == STOPS ||
	    (v->action && stays) ||
	    (v->starts == STARTS_IF_DOWN && node_look(n) != NODE_DOWN))
		return 0;
	return n->kind->startable(n, e);
}

/* --- what is done ------------------------------------------------------------ */

/* Whoever starts, resumes or stops a node for good has dealt with what a dead
 * chaos-fault left on it; who only finds it up has not, for that may come yet. */
static bool drop_left_over(void *arg, const struct journal_entry *j)
{
	const struct node *n = arg;
	if (strcmp(j->key, strrchr(n->dir, '/') + 1) == 0 && !journal_owned(j, n->fleet->world))
		journal_done(n->fleet->state, j);
	return false;
}

static void failed(struct node *n, const struct err *why)
{
	struct err e = *why;
	err_prefix(&e, "%s '%s'", n->current->verb->name, n->conf->name);
	if (n->task.launched)
		n->kind->left_running(n, &e);
	report_error(n->fleet->report, n, n->current->line, &e);
	fleet_finish(n);
}

static void is_ready(struct task *t, const struct err *e)
{
	struct node *n = t->node;
	if (e) {
		failed(n, e);
		return;
	}
	if (!t->by_other)
		journal_each(n->fleet->state, drop_left_over, n);
	report_ready(n->fleet->report, n, n->current->verb->name, NULL, t->launched,
		     ns_to_ms(mono_ns() - t->begun_ns));
	fleet_finish(n);
}

static void start(struct node *n)
{
	task_run(&n->task, NULL, false, step_start, look_ready, n->conf->ready_within_ns, is_ready);
}

/* Ends a fault of ours if the node has one, or refuses what cannot be: true if
 * nothing is left to do here. */
static bool settled(struct node *n, struct work *w)
{
	struct err e = {0};
	if (n->fault) {
		fault_revert(n, n->fault, "command");
		return true;
	}
	if (w->verb->check(n, &e) || verb_check_program(w->verb, n, w->stay, &e)) {
		report_error(n->fleet->report, n, w->line, &e);
		fleet_finish(n);
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
		report_down(n->fleet->report, n, n->current->verb->name, NULL);
	start(n);
}

static void run_restart(struct node *n, struct work *w)
{
	if (!settled(n, w))
		task_run(&n->task, NULL, false, step_term, look_gone, stop_within_ns,
			 restart_stopped);
}

static void run_resume(struct node *n, struct work *w)
{
	if (!settled(n, w))
		task_run(&n->task, NULL, false, step_resume, look_ready, n->conf->ready_within_ns,
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
	if (t->acted)
		report_down(n->fleet->report, n, n->current->verb->name, NULL);
	fleet_finish(n);
}

static void run_down(struct node *n, struct work *w)
{
	struct err e = {0};
	if (check_down(n, &e)) {
		report_error(n->fleet->report, n, w->line, &e);
		fleet_finish(n);
		return;
	}
	task_run(&n->task, NULL, false, step_term, look_gone, stop_within_ns, is_down);
}

/* A fault that is given no end has the config's, unless its session has one. */
static void give_deadline(const struct fleet *f, struct work *w)
{
	if (w->for_ns < 0 && !w->stay && !f->deadline_ns && f->config->fault_deadline_ns)
		w->for_ns = f->config->fault_deadline_ns;
}

/* "kill a for 2s" at 5 s and "kill a" at 7 s: the time of the first counts from when it was
 * confirmed, so that at 7 s it is still there, though it is not meant to be. */
static bool undo_is_due(const struct node *n, const struct work *w)
{
	const struct fault *f = n->fault;
	return f && f->deadline && w->requested_ns - f->requested_ns + moment_ns >=
					   f->deadline_ns - f->injected_ns;
}

static int no_act(struct task *t, struct err *e)
{
	(void)t;
	(void)e;
	return 0;
}

static enum verdict look_undo_queued(struct task *t, struct err *e)
{
	err_runtime(e, "the fault before it has not ended");
	return fleet_undo_queued(t->node) ? VERDICT_YES : VERDICT_WAIT;
}

static void let_undo_pass(struct task *t, const struct err *e)
{
	struct node *n = t->node;
	if (e)
		failed(n, e);
	else if (n->fleet->ending) /* then nothing follows the undo */
		fleet_finish(n);
	else
		fleet_behind_undo(n);
}

static void run_fault(struct node *n, struct work *w)
{
	if (undo_is_due(n, w)) {
		int64_t bound_ns = n->fault->deadline_ns - mono_ns() + NS_PER_S;
		task_run(&n->task, NULL, false, no_act, look_undo_queued, bound_ns, let_undo_pass);
		return;
	}
	give_deadline(n->fleet, w);
	fault_inject(n, w->verb->action, w);
}

static void run_revert(struct node *n, struct work *w)
{
	if (n->fault)
		fault_revert(n, n->fault, w->why);
	else
		fleet_finish(n);
}

static void run_bring_up(struct node *n, struct work *w)
{
	struct err e = {0};
	if (check_bring_up(n, &e)) {
		report_error(n->fleet->report, n, w->line, &e);
		fleet_finish(n);
	} else if (node_look(n) == NODE_UP)
		start(n);
	else
		fault_inject(n, &action_bring_up, w);
}

static void run_put_down(struct node *n, struct work *w)
{
	if (n->hold)
		fault_revert(n, n->hold, w->why);
	else
		fleet_finish(n);
}

/* --- the table --------------------------------------------------------------- */

static const struct verb verbs[] = {
	{"up", NULL, check_start, run_start, STARTS_IF_DOWN},
	{"down", NULL, check_down, run_down, STOPS},
	{"start", NULL, check_start, run_start, STARTS_IF_DOWN},
	{"restart", NULL, check_restart, run_restart, STARTS_ANYWAY},
	{"resume", NULL, check_resume, run_resume, STARTS_NOTHING},
	{"stop", &action_stop, check_stop, run_fault, STARTS_ANYWAY},
	{"kill", &action_kill, check_kill, run_fault, STARTS_ANYWAY},
	{"pause", &action_pause, check_pause, run_fault, STARTS_NOTHING},
};

const struct verb verb_revert = {"revert", NULL, NULL, run_revert, STARTS_NOTHING};
const struct verb verb_bring_up = {"bring-up", NULL, check_bring_up, run_bring_up, STARTS_IF_DOWN};
const struct verb verb_put_down = {"put down", NULL, NULL, run_put_down, STARTS_NOTHING};

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

const struct verb *verb_need(const char *name, struct err *e)
{
	const struct verb *v = verb_find(name);
	const char *near = NULL;
	if (v)
		return v;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		suggest(name, verbs[i].name, &near);
	suggest(name, "revert", &near);
	if (near)
		err_usage(e, "unknown command '%s'; did you mean '%s'?", name, near);
	else
		err_usage(e,
			  "unknown command '%s'; it is one of up, down, start, restart, resume, "
			  "stop, "
			  "kill, pause, revert",
			  name);
	return NULL;
}
