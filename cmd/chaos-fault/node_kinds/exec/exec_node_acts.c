/* What a kind that is a program is asked for a task. */
#include "node_kinds/exec/exec_node.h"
#include "node_kinds/process/process.h"
#include "seam.h"

#include <stdio.h>
#include <string.h>

/* By the program that did the act. */
static int undo(struct task *t, struct err *e)
{
	return exec_node_use_copy(t->node, t->undo.target.sum, e);
}

static void aim(struct task *t)
{
	exec_node_end_call(exec_node_of(t->node));
}

static int ask(struct task *t, const enum act *act, struct err *e)
{
	return exec_node_ask(t->node, act, &t->target, e);
}

static enum backend_answer answer(struct task *t, const enum act *act)
{
	struct exec_node *x = exec_node_of(t->node);
	struct err why = {0};
	if (!call_step(x->call))
		return BACKEND_PENDING;
	crash_point();
	if (!act)
		return exec_node_take_look(t->node, x->asking.serves) ? BACKEND_HERE
								      : BACKEND_PENDING;
	if (call_code(x->call, &why) != 0)
		call_err(x->call, &why);
	snprintf(x->asking.refused, sizeof x->asking.refused, "%.239s", why.msg);
	exec_node_end_call(x);
	return BACKEND_HERE;
}

static bool same(const struct task *t)
{
	return strcmp(t->node->id.opaque, t->target.opaque) == 0;
}

static bool may_come(const struct task *t)
{
	return t->undo.unfinished;
}

static void again(const struct node *n, struct err *e)
{
	(void)n;
	err_runtime(e, "it does not stay: another has been started in its place");
}

static bool ended(const struct task *t, struct err *e)
{
	(void)t;
	err_runtime(e, "it has ended");
	return false;
}

static const struct backend exec_node_backend = {
	.name = "its program",
	.forces = true,
	.undo = undo,
	.aim = aim,
	.ask = ask,
	.answer = answer,
	.same = same,
	.may_come = may_come,
	.again = again,
	.ended = ended,
};

const struct kind kind_program = {
	.name = "program",
	.ours = true,
	.needs = NEED_BIT(NEED_STATE) | NEED_BIT(NEED_GUARD) | NEED_BIT(NEED_PROC),
	.answers_within_ns = EXEC_NODE_ANSWERS_WITHIN_S * BOUND_S,
	.act_within_ns = EXEC_NODE_ANSWERS_WITHIN_S * BOUND_S,
	.survey = {exec_node_survey_begin, exec_node_survey},
	.look = backend_state,
	.unknown = backend_unknown,
	.health = exec_node_health,
	.heals = exec_node_heals,
	.err_foreign = exec_node_err_foreign,
	.show_foreign = process_show_foreign,
	.release = exec_node_release,
	.show = exec_node_show,
	.tell = exec_node_tell,
	.steps = BACKEND_STEPS,
	.backend = &exec_node_backend,
};
