#include "faults/exec/exec_target.h"

#include "base/clock.h"
#include "base/units.h"
#include "faults/action.h"
#include "faults/exec/exec_ask.h"
#include "faults/fault.h"
#include "node/kind.h"
#include "node/node.h"

#include <stdio.h>
#include <string.h>

static const int64_t look_within_ns = 2 * NS_PER_S; /* by which the bound of the undo is moved */

/* True if what it was done to has died since, by no fault and no command of ours. */
static bool target_died(const struct task *t)
{
	const struct fault *f = t->fault;
	const struct journal_entry *j = &f->entry;
	bool ours = f->adopted || f->died_by_us || j->ends_target || f->action->node_down;
	return f->injected_ns && !ours && !j->program.through && j->target.proc.pid && !proc_alive(&j->target.proc);
}

/* Who is the node now: by a survey, where its kind has one. */
static enum verdict look_who_is_it(struct task *t)
{
	const struct step *survey = &t->node->kind->survey;
	struct fault *f = t->fault;
	struct err ignored;
	if (survey->look && !f->surveyed)
		survey->begin(t, &ignored);
	f->surveyed = true;
	if (survey->look && survey->look(t, &ignored) == VERDICT_WAIT)
		return VERDICT_WAIT;
	node_look(t->node);
	return VERDICT_YES;
}

/* True if the target was started anew, or is another one, or has been removed. One that has died, and that nobody has
 * started, may have died of the fault. */
static bool is_another(const struct node *n, const struct identity *was)
{
	struct err why = {0};
	const struct identity *is = &n->id;
	if (n->kind->unknown && n->kind->unknown(n, &why) && why.code == EXIT_RUNTIME)
		return false;
	if (strcmp(is->container, was->container) != 0)
		return true;
	return is->proc.pid && (is->proc.pid != was->proc.pid || is->proc.start_ticks != was->proc.start_ticks);
}

/* Was it over before its undo? One that does not live in its target, as that of a port, still shows at who is the
 * node now. Where that cannot be told soon, it was not. */
static enum verdict look_at_target(struct task *t, struct err *e)
{
	struct fault *f = t->fault;
	int code = 0;
	if (!f->look_until_ns && target_died(t)) {
		f->look_until_ns = mono_ns() + look_within_ns;
		t->bound_ns += look_within_ns;
	}
	bool late = mono_ns() >= f->look_until_ns;
	if (!late && !t->call) {
		if (look_who_is_it(t) == VERDICT_WAIT)
			return VERDICT_WAIT;
		if (is_another(t->node, &f->entry.target))
			exec_ask(t, "verify", &t->node->id, look_within_ns, e);
	}
	if (!late && t->call && exec_answered(t, &code, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	exec_drop_call(t);
	f->looked_at = true;
	f->ended_before = code > 0;
	return VERDICT_YES;
}

static void note_ended(struct task *t)
{
	struct shown was;
	t->node->kind->show(&t->fault->entry.target, &was);
	snprintf(t->note, sizeof t->note, "what it was done to had ended (%.100s)", was.words);
	t->by_other = true;
}

enum verdict exec_target_look(struct task *t, struct err *e)
{
	if (!t->fault->looked_at && look_at_target(t, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	if (t->fault->ended_before && !t->by_other)
		note_ended(t);
	return VERDICT_YES;
}
