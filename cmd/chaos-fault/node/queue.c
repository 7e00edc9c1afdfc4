#include "node/queue.h"

#include "base/buf.h"
#include "base/units.h"
#include "events/emit.h"
#include "node/kind.h"
#include "node/needs.h"
#include "sys/file.h"
#include "sys/own_file.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const int64_t lock_within_ns = 30 * NS_PER_S;
static const int64_t needs_within_ns = 600 * NS_PER_S; /* which have bounds of their own */
static const int64_t survey_within_ns = 30 * NS_PER_S; /* its calls have bounds of their own */

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

int64_t work_meant_ns(const struct work *w)
{
	return w->due_ns ? w->due_ns : w->requested_ns;
}

void queue_init(struct node *n)
{
	n->last = &n->first;
	n->lock_fd = -1;
}

void queue_release(struct node *n)
{
	drop_queue(n);
	free(n->current);
	n->current = NULL;
	unlock(n);
}

/* The check of the verb reports a survey that failed. */
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
	if (!e && w->verb->check && n->kind->survey.look) {
		task_run(&n->task, NULL, NULL, n->kind->survey, survey_within_ns, run_surveyed);
		return;
	}
	if (!e) {
		w->verb->run(n, w);
		return;
	}
	struct err why = *e;
	err_prefix(&why, "%s '%s'", w->verb->name, n->conf->name);
	if (w->verb->not_run)
		w->verb->not_run(n, w);
	emit_error(n->fleet->emitter, n->conf->name, w->line, &why);
	queue_finish(n);
}

/* The owner of what we are to undo, or its guard, was stopped in the middle of its work. It does the
 * same again when it goes on, which harms nothing. */
static bool locked_by_stopped(const struct node *n)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct proc_id locker;
	struct err ignored;
	return n->current->holder.pid && fcntl(n->lock_fd, F_GETLK, &l) == 0 &&
	       l.l_type != F_UNLCK && proc_identify(l.l_pid, &locker, &ignored) == 0 &&
	       proc_state(&locker) == 'T';
}

/* Two chaos-faults take turns on a node: what one sees, it may act on. */
static enum verdict look_locked(struct task *t, struct err *e)
{
	struct node *n = t->node;
	enum verdict met = n->current->verb->starts == STARTS_IF_DOWN ? needs_met(n, e)
								      : VERDICT_YES;
	if (met != VERDICT_YES)
		return met;
	if (n->lock_fd < 0) {
		char *path = mem_printf("%s/lock", n->dir);
		if (make_dirs(n->dir, 0700, e) == 0)
			n->lock_fd = own_open(path, O_RDWR | O_CREAT, e);
		free(path);
	}
	if (n->lock_fd < 0) /* an undo goes on without */
		return n->current->verb->what == WORK_UNDO ? VERDICT_YES : VERDICT_NO;
	n->locked = lockf(n->lock_fd, F_TLOCK, 0) == 0;
	if (n->locked || locked_by_stopped(n))
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
	task_run(&n->task, NULL, NULL, TASK_LOOK(look_locked),
		 n->conf->needs ? needs_within_ns : lock_within_ns, run_locked);
}

/* Later work of a node starts from the loop, not from the end of the work before it: a
 * long queue of commands that fail at once must not pile up on the stack. */
void queue_start_all(void *fleet)
{
	struct fleet *f = fleet;
	for (size_t i = 0; i < f->count; i++)
		pump(&f->nodes[i]);
}

void queue_submit(struct node *n, const struct work *w)
{
	struct work *copy = mem_alloc(sizeof *copy);
	*copy = *w;
	copy->next = NULL;
	*n->last = copy;
	n->last = &copy->next;
	n->fleet->busy++;
	pump(n);
}

void queue_let_others(struct node *n)
{
	unlock(n);
}

void queue_finish(struct node *n)
{
	struct fleet *f = n->fleet;
	unlock(n);
	free(n->current);
	n->current = NULL;
	n->finished++;
	if (n->first)
		loop_timer_at(f->kick, 0);
	if (--f->busy == 0 && f->on_idle)
		f->on_idle(f->idle_arg);
}

/* The link to it, which is that behind the last if it is not queued. */
static struct work **undo_of(struct node *n, uint64_t fault)
{
	struct work **at = &n->first;
	while (*at && ((*at)->verb->what != WORK_UNDO || ((*at)->fault && (*at)->fault != fault)))
		at = &(*at)->next;
	return at;
}

bool queue_has_undo(struct node *n, uint64_t fault)
{
	return *undo_of(n, fault);
}

void queue_behind_undo(struct node *n, uint64_t fault)
{
	struct work **at = undo_of(n, fault), *undo = *at;
	assert(undo); /* the caller has asked queue_has_undo */
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

size_t queue_drop(struct fleet *f)
{
	size_t dropped = 0;
	for (size_t i = 0; i < f->count; i++)
		dropped += drop_queue(&f->nodes[i]);
	return dropped;
}
