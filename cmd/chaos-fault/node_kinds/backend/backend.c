/* One question to a backend after another. */
#include "node_kinds/backend/backend.h"

#include "base/clock.h"
#include "base/units.h"
#include "seam.h"

#include <stdio.h>

static const int64_t look_soon_ns = 3 * NS_PER_MS;
static const int64_t look_late_ns = 50 * NS_PER_MS;
static const int64_t retry_ns = 200 * NS_PER_MS;

enum node_state backend_state(struct node *n)
{
	const struct asking *a = n->own;
	return !a || a->why.code ? NODE_UNKNOWN : a->state;
}

int backend_unknown(const struct node *n, struct err *e)
{
	const struct asking *a = n->own;
	if (!a || !a->why.code)
		return 0;
	*e = a->why;
	return -1;
}

void backend_aim(struct task *t)
{
	struct asking *a = t->node->own;
	t->node->kind->backend->aim(t);
	*a = (struct asking){.state = a->state};
}

void backend_add(struct asking *a, enum act act)
{
	if (a->act_at == a->act_count)
		a->act_at = a->act_count = 0;
	a->acts[a->act_count++] = act;
	a->looked = false;
	a->again_ns = 0;
}

enum verdict backend_wait(struct asking *a, const struct err *e)
{
	snprintf(a->reason, sizeof a->reason, "%.239s", e->msg);
	return VERDICT_WAIT;
}

enum verdict backend_wait_more(const struct task *t, struct err *e)
{
	const struct asking *a = t->node->own;
	if (a->reason[0])
		err_runtime(e, "%s", a->reason);
	else
		err_runtime(e, "%s has not answered yet", t->node->kind->backend->name);
	return VERDICT_WAIT;
}

/* The state is as of now, or it is not known why. */
static enum verdict take_look(struct task *t, struct err *e)
{
	struct asking *a = t->node->own;
	int64_t now = mono_ns(), pause = (now - t->begun_ns) / 8;
	pause = pause < look_soon_ns ? look_soon_ns : pause > look_late_ns ? look_late_ns : pause;
	a->again_ns = now + (a->why.code ? retry_ns : pause);
	a->looked = !a->why.code;
	if (a->looked)
		return VERDICT_YES;
	*e = a->why;
	return backend_wait(a, e);
}

enum verdict backend_turn(struct task *t, struct err *e)
{
	const struct backend *b = t->node->kind->backend;
	struct asking *a = t->node->own;
	const enum act *act = a->act_at < a->act_count ? &a->acts[a->act_at] : NULL;
	if (!a->asked) {
		if ((b->busy && b->busy(t->node)) || mono_ns() < a->again_ns)
			return backend_wait_more(t, e);
		if (b->ask(t, act, e))
			return VERDICT_NO;
		a->asked = true;
	}
	enum backend_answer answer = b->answer(t, act);
	if (answer == BACKEND_PENDING)
		return backend_wait_more(t, e);
	a->asked = false;
	if (answer == BACKEND_SILENT) {
		a->again_ns = mono_ns() + retry_ns;
		return backend_wait_more(t, e);
	}
	if (!act)
		return take_look(t, e);
	crash_point();
	t->launched |= *act == ACT_START && !a->refused[0];
	t->acted |= *act == ACT_RESUME && !a->refused[0];
	a->act_at++;
	a->again_ns = 0;
	return backend_wait_more(t, e);
}
