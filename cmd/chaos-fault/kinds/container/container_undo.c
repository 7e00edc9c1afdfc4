/* The undo of a fault on a container. It first finds the container that is the node now. */
#include "base/clock.h"
#include "base/units.h"
#include "kinds/container/container.h"

#include <stdio.h>
#include <string.h>

static const int64_t retry_ns = 200 * NS_PER_MS;

/* What was asked of the engine may not have been done yet, and would be done behind our back: it is
 * asked for once more, and waited for, before it is undone. */
bool container_unfinished(const struct task *t)
{
	return t->reverting && t->undo.unfinished &&
	       (t->undo.adopted || container_of(t->node)->asked == ASKED_LOST);
}

/* The signal was sent, and the server has not ended by it, or not yet. */
static bool may_be_ending(const struct task *t)
{
	return t->undo.unfinished && container_of(t->node)->asked == ASKED_DONE;
}

/* The undo's first step: find the container that is the node now. */
int container_undo(struct task *t, struct err *e)
{
	container_survey_begin(t, e);
	container_aim(container_of(t->node), "");
	t->target = t->undo.target;
	container_of(t->node)->settle = SETTLE_FIND;
	return 0;
}

/* Somebody made a new container in its place: the fault ended with the old one. */
static enum verdict replaced(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	snprintf(t->note, sizeof t->note,
		 "its container " SHORT " has been replaced by " SHORT ", which is not touched",
		 t->target.container, c->other.id);
	if (!c->other.running || c->other.paused) {
		err_runtime(e, "%s and does not run", t->note);
		return VERDICT_NO;
	}
	t->by_other = true;
	container_aim(c, c->other.id);
	return VERDICT_YES;
}

static enum verdict decide_pause(struct task *t)
{
	struct container *c = container_of(t->node);
	if (!c->view.running) {
		t->launch = true;
		container_add_act(c, "start");
	} else if (c->view.paused) {
		container_add_act(c, "unpause");
	} else if (container_unfinished(t)) {
		container_add_act(c, "pause");
		container_add_act(c, "unpause");
	} else {
		t->by_other = true;
	}
	return VERDICT_YES;
}

/* It runs though it was killed. Engines count the starts by the policy, and begin anew at one by
 * hand. */
static void came_back(struct task *t)
{
	const struct container *c = container_of(t->node);
	t->by_other = true;
	if (strcmp(c->view.started, t->target.started) == 0 || !c->view.restarts || t->undo.adopted)
		return;
	t->unstayed = true;
	snprintf(t->note, sizeof t->note,
		 "the fault did not stay: the restart policy '%s' started the container at %s",
		 c->view.policy, c->view.started);
}

static enum verdict decide_kill(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	bool same_life = strcmp(c->view.started, t->target.started) == 0;
	if (c->view.running && c->view.paused) {
		err_runtime(e, "somebody else has paused it");
		return VERDICT_NO;
	}
	bool may_come = container_unfinished(t) || may_be_ending(t);
	if (c->view.running && !(same_life && may_come)) {
		came_back(t);
		return VERDICT_YES;
	}
	if (c->view.running)
		container_add_act(c, "kill?signal=SIGKILL");
	t->launch = true;
	container_add_act(c, "start");
	return VERDICT_YES;
}

static enum verdict decide(struct task *t, struct err *e)
{
	return t->undo.node_down ? decide_kill(t, e) : decide_pause(t);
}

static enum verdict settle_find(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	if (container_answer_due(c) || (!c->calling && mono_ns() < c->look_ns))
		return container_wait_more(c, e);
	if (container_survey(t, e) == VERDICT_WAIT)
		return container_wait(c, e);
	if (c->why.code == EXIT_RUNTIME) {
		*e = c->why;
		container_survey_begin(t, &c->why);
		c->look_ns = mono_ns() + retry_ns;
		return container_wait(c, e);
	}
	bool same = strcmp(c->view.id, t->target.container) == 0;
	c->other = same ? (struct view){0} : c->view;
	container_aim(c, t->target.container);
	if (same)
		return decide(t, e);
	c->settle = SETTLE_LOOK;
	return container_wait_more(c, e);
}

static enum verdict settle_look(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	enum verdict seen = container_turn(t, e);
	if (seen != VERDICT_YES)
		return seen;
	c->settle = SETTLED;
	if (c->other.id[0] && (!c->view.id[0] || t->undo.node_down))
		return replaced(t, e);
	if (c->view.id[0])
		return decide(t, e);
	err_runtime(e, "its container " SHORT " has been removed, and no other has taken its place",
		    t->target.container);
	return VERDICT_NO;
}

enum verdict container_settle(struct task *t, struct err *e)
{
	switch (container_of(t->node)->settle) {
	case SETTLE_FIND:
		return settle_find(t, e);
	case SETTLE_LOOK:
		return settle_look(t, e);
	case SETTLED:
		break;
	}
	return VERDICT_YES;
}
