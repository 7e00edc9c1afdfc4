#include "node/fleet.h"

#include "base/buf.h"
#include "base/units.h"
#include "faults/fault.h"
#include "node/kind.h"
#include "node/record.h"
#include "events/report.h"
#include "sys/file.h"
#include "faults/verb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t lock_within_ns = 30 * NS_PER_S;
static const int64_t survey_within_ns = 30 * NS_PER_S; /* its calls have bounds of their own */

static void pump(struct node *n);

/* Later work of a node starts from the loop, not from the end of the work before it: a
 * long queue of commands that fail at once must not pile up on the stack. */
static void pump_all(void *arg)
{
	struct fleet *f = arg;
	for (size_t i = 0; i < f->count; i++)
		pump(&f->nodes[i]);
}

int fleet_init(struct fleet *f, const struct config *c, const char *state, struct loop *loop,
	       struct report *report, struct err *e)
{
	*f = (struct fleet){.config = c, .loop = loop, .report = report};
	f->state = mem_strdup(state);
	f->count = c->node_count;
	f->nodes = mem_alloc((f->count + 1) * sizeof *f->nodes);
	proc_world(f->world);
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		n->conf = &c->nodes[i];
		n->fleet = f;
		n->kind = kind_of(n->conf->kind);
		n->dir = record_dir(state, c, n->conf);
		n->last = &n->first;
		n->lock_fd = -1;
		n->task.node = n;
	}
	if (loop) {
		f->kick = loop_timer_new(loop, pump_all, f, e);
		f->keep = loop_timer_new(loop, pump_all, f, e);
		if (!f->kick || !f->keep)
			return -1;
		loop_timer_at(f->keep, INT64_MAX);
	}
	return proc_identify(getpid(), &f->self, e);
}

static void unlock(struct node *n)
{
	if (n->lock_fd >= 0)
		close(n->lock_fd);
	n->lock_fd = -1;
	n->locked = false;
}

static size_t drop_queue(struct node *n)
{
	size_t dropped = 0;
	for (struct work *w; (w = n->first); dropped++) {
		n->first = w->next;
		free(w);
	}
	n->last = &n->first;
	n->fleet->busy -= dropped;
	return dropped;
}

void fleet_release(struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		task_release(&n->task);
		fault_free(n->fault);
		fault_free(n->hold);
		drop_queue(n);
		free(n->current);
		if (n->kind->release)
			n->kind->release(n);
		unlock(n);
		free(n->dir);
	}
	guard_end(&f->guard, !f->detached);
	loop_timer_free(f->kick);
	loop_timer_free(f->keep);
	free(f->nodes);
	free(f->state);
	*f = (struct fleet){0};
}

static void guard_died(void *arg)
{
	struct fleet *f = arg;
	struct err e = {0};
	if (fleet_start_guard(f, &e) == 0) {
		report_warning(f->report, NULL, "the guard was killed; a new one is started");
		return;
	}
	report_warning(f->report, NULL, e.msg);
}

int fleet_start_guard(struct fleet *f, struct err *e)
{
	if (guard_start(&f->guard, f->state, &f->self, e))
		return -1;
	return guard_watch(&f->guard, f->loop, guard_died, f, e);
}

/* It may have died without our having been told yet. */
int fleet_need_guard(struct fleet *f, struct err *e)
{
	if (proc_alive(&f->guard.id))
		return 0;
	guard_end(&f->guard, false);
	return fleet_start_guard(f, e);
}

struct node *fleet_node(struct fleet *f, const char *name, struct err *e)
{
	const struct node_conf *c = config_need_node(f->config, name, e);
	return c ? &f->nodes[c - f->config->nodes] : NULL;
}

/* --- the queue of a node --------------------------------------------------- */

/* A survey that fails is told by the check of the verb. */
static void run_surveyed(struct task *t, const struct err *e)
{
	struct node *n = t->node;
	(void)e;
	n->current->verb->run(n, n->current);
}

static void run_locked(struct task *t, const struct err *e)
{
	struct node *n = t->node;
	struct work *w = n->current;
	if (!e && w->verb->check && n->kind->survey) {
		task_run(&n->task, NULL, false, n->kind->survey_begin, n->kind->survey,
			 survey_within_ns, run_surveyed);
		return;
	}
	if (!e) {
		w->verb->run(n, w);
		return;
	}
	struct err why = *e;
	err_prefix(&why, "%s '%s'", w->verb->name, n->conf->name);
	if (n->fault && w->verb == &verb_revert)
		n->fault->failed = true;
	report_error(n->fleet->report, n, w->line, &why);
	fleet_finish(n);
}

static int no_act(struct task *t, struct err *e)
{
	(void)t;
	(void)e;
	return 0;
}

/* The owner of what we are to undo was stopped by Ctrl-Z in the middle of its work. It does the
 * same again when it goes on, which harms nothing. */
static bool held_by_stopped(const struct node *n)
{
	const struct fault *f = n->current->verb == &verb_put_down ? n->hold : n->fault;
	return f && f->adopted && proc_state(&f->entry.owner) == 'T';
}

/* Two chaos-faults take turns on a node: what one sees, it may act on. */
static enum verdict look_locked(struct task *t, struct err *e)
{
	struct node *n = t->node;
	if (n->lock_fd < 0) {
		char *path = mem_printf("%s/lock", n->dir);
		if (make_dirs(n->dir, 0700, e) == 0) {
			n->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
			if (n->lock_fd < 0)
				err_sys(e, errno, "cannot open '%s'", path);
		}
		free(path);
	}
	if (n->lock_fd < 0) /* an undo goes on without */
		return n->current->verb == &verb_revert ? VERDICT_YES : VERDICT_NO;
	n->locked = lockf(n->lock_fd, F_TLOCK, 0) == 0;
	if (n->locked || held_by_stopped(n))
		return VERDICT_YES;
	err_runtime(e, "another chaos-fault is at work on it");
	return VERDICT_WAIT;
}

static void pump(struct node *n)
{
	if (n->current || !n->first)
		return;
	n->current = n->first;
	n->first = n->current->next;
	if (!n->first)
		n->last = &n->first;
	task_run(&n->task, NULL, false, no_act, look_locked, lock_within_ns, run_locked);
}

void fleet_submit(struct node *n, const struct work *w)
{
	struct work *copy = mem_alloc(sizeof *copy);
	*copy = *w;
	copy->next = NULL;
	*n->last = copy;
	n->last = &copy->next;
	n->fleet->busy++;
	pump(n);
}

void fleet_let_others(struct node *n)
{
	unlock(n);
}

void fleet_finish(struct node *n)
{
	struct fleet *f = n->fleet;
	unlock(n);
	free(n->current);
	n->current = NULL;
	if (n->first)
		loop_timer_at(f->kick, 0);
	if (--f->busy == 0 && f->on_idle)
		f->on_idle(f->idle_arg);
}

bool fleet_undo_queued(const struct node *n)
{
	const struct work *w = n->first;
	while (w && w->verb != &verb_revert)
		w = w->next;
	return w;
}

void fleet_behind_undo(struct node *n)
{
	struct work **at = &n->first, *undo;
	while ((*at)->verb != &verb_revert)
		at = &(*at)->next;
	undo = *at;
	unlock(n);
	*at = undo->next;
	undo->next = n->current;
	n->current->next = n->first;
	n->current = NULL;
	n->first = undo;
	for (n->last = &n->first; *n->last; n->last = &(*n->last)->next)
		;
	loop_timer_at(n->fleet->kick, 0);
}

size_t fleet_drop_queued(struct fleet *f)
{
	size_t dropped = 0;
	for (size_t i = 0; i < f->count; i++)
		dropped += drop_queue(&f->nodes[i]);
	return dropped;
}

bool fleet_holds(const struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->nodes[i].fault && !f->nodes[i].fault->failed)
			return true;
	return false;
}

bool fleet_timed(const struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->nodes[i].fault && f->nodes[i].fault->deadline)
			return true;
	return false;
}

void fleet_cut_waits(struct fleet *f, const char *why)
{
	for (size_t i = 0; i < f->count; i++) {
		struct task *t = &f->nodes[i].task;
		if (t->running && t->launched && !t->reverting)
			task_cut(t, why);
	}
}

bool fleet_residue(const struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->nodes[i].fault || f->nodes[i].hold)
			return true;
	return false;
}

void fleet_revert_all(struct fleet *f, const char *why)
{
	f->ending = true;
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		/* What is being injected just now is undone as soon as it is there. */
		if (n->fault || n->current)
			fault_submit_revert(n, why, 0);
	}
}
