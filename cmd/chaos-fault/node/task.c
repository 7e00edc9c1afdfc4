#include "node/task.h"

#include "base/clock.h"
#include "base/units.h"
#include "node/fleet.h"
#include "programs/call.h"
#include "programs/program.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const int64_t look_soon_ns = 200 * NS_PER_US;
static const int64_t look_late_ns = 5 * NS_PER_MS;
static const int64_t stopped_ns = 50 * NS_PER_MS;

/* Gives back all but its timer, which task_free does. */
static void task_release(struct task *t)
{
	if (t->timer)
		loop_timer_stop(t->timer);
	probe_free(t->probe);
	call_free(t->call);
	if (t->running && t->pidfd >= 0)
		close(t->pidfd);
	t->probe = NULL;
	t->call = NULL;
	t->pidfd = -1;
	t->running = false;
}

/* What a task holds is given back before done, which may run the next on the same storage. */
static void end(struct task *t, const struct err *e)
{
	task_release(t);
	t->done(t, e);
}

static void look_now(void *arg)
{
	struct task *t = arg;
	struct err e = {0};
	int64_t now = mono_ns(), gone = now - t->begun_ns;
	/* After Ctrl-Z the loop has not read yet what came meanwhile: the bound waits for one more
	 * look. */
	bool was_stopped = t->look_ns && now - t->look_ns > stopped_ns;
	enum verdict v = t->look(t, &e);
	if (v == VERDICT_YES) {
		end(t, NULL);
		return;
	}
	if (v == VERDICT_WAIT && gone >= t->bound_ns && !was_stopped) {
		char bound[SPAN_MAX], why[sizeof e.msg];
		span_format(t->bound_ns, bound);
		memcpy(why, e.msg, sizeof why);
		err_runtime(&e, "not within %s: %.400s", bound, why[0] ? why : "no sign of it");
		v = VERDICT_NO;
		t->late = true;
	}
	if (v == VERDICT_NO) {
		end(t, &e);
		return;
	}
	/* Signals act within a fraction of a millisecond, servers start within tens. */
	int64_t pause = gone / 8;
	pause = pause < look_soon_ns ? look_soon_ns : pause > look_late_ns ? look_late_ns : pause;
	t->look_ns = now + pause;
	loop_timer_at(t->timer, t->look_ns);
}

void task_run(struct task *t, struct fault *f, const struct undo *undo,
	      struct step step, int64_t bound_ns,
	      void (*done)(struct task *t, const struct err *e))
{
	struct err e = {0};
	*t = (struct task){.node = t->node,
			   .timer = t->timer,
			   .fault = f,
			   .reverting = undo,
			   .running = true,
			   .begun_ns = mono_ns(),
			   .bound_ns = bound_ns,
			   .look = step.look,
			   .done = done,
			   .pidfd = -1};
	if (undo)
		t->undo = *undo;
	if (!t->timer)
		t->timer = loop_timer_new(t->node->fleet->loop, look_now, t, &e);
	if (!t->timer || (step.begin && step.begin(t, &e))) {
		t->untouched = true;
		end(t, &e);
		return;
	}
	look_now(t);
}

bool task_may_heal(const struct task *t)
{
	return t->reverting && t->undo.heals &&
	       mono_ns() - t->begun_ns < t->node->conf->ready_within_ns;
}

enum verdict task_keep_programs(const struct task *t, struct err *e)
{
	struct fleet *f = t->node->fleet;
	if (program_keep(f->state, &f->programs_lock, e) == 0)
		return VERDICT_YES;
	return e->sys_errno == EAGAIN ? VERDICT_WAIT : VERDICT_NO;
}

void task_free(struct task *t)
{
	task_release(t);
	loop_timer_free(t->timer);
	t->timer = NULL;
}

void task_cut(struct task *t, const char *why)
{
	struct err e = {0};
	err_runtime(&e, "cut short: %s", why);
	end(t, &e);
}
