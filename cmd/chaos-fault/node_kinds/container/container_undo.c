/* The undo of a fault on a container. It first finds the container that is the node now. */
#include "base/clock.h"
#include "base/units.h"
#include "node/await.h"
#include "node_kinds/container/container.h"

#include <stdio.h>
#include <string.h>

static const int64_t retry_ns = 200 * NS_PER_MS;

int container_undo(struct task *t, struct err *e)
{
	int rc = container_open(t->node, e);
	container_of(t->node)->find = FIND_BEGIN;
	container_of(t->node)->other = (struct view){0};
	return rc;
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
	memcpy(t->target.container, c->other.id, sizeof t->target.container);
	memcpy(t->target.started, c->other.started, sizeof t->target.started);
	backend_aim(t); /* nothing is left to decide */
	return backend_wait_more(t, e);
}

/* It runs though it was killed, or did so for a while. Engines count the starts by the policy, and begin anew at one
 * by hand; that it runs by one is told as what somebody else has done. */
void container_came_back(struct task *t)
{
	const struct container *c = container_of(t->node);
	bool by_policy = c->view.restarts, down = !c->view.running;
	if ((!by_policy && !down) || t->undo.tried || t->undo.adopted)
		return;
	t->unstayed = true;
	snprintf(t->note, sizeof t->note, "the fault did not stay: %s%s%s started the container at %s%s",
		 by_policy ? "the restart policy '" : "somebody else", by_policy ? c->view.policy : "",
		 by_policy ? "'" : "", c->view.started, down ? ", which has ended again" : "");
}

static int err_removed(const struct task *t, struct err *e)
{
	return err_runtime(e, "its container " SHORT " has been removed, and %s", t->target.container,
			   container_of(t->node)->several
				   ? "which of the others of its service has taken its place cannot be told"
				   : "no other has taken its place");
}

static enum verdict look_at_target(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	enum verdict seen = backend_turn(t, e);
	if (seen != VERDICT_YES)
		return seen;
	if (c->other.id[0] && (!c->view.id[0] || t->undo.node_down))
		return replaced(t, e);
	if (c->view.id[0])
		return VERDICT_YES;
	err_removed(t, e);
	return VERDICT_NO;
}

enum verdict container_settle(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	struct asking *a = &c->asking;
	if (container_busy(t->node) || (!c->calling && mono_ns() < a->again_ns))
		return backend_wait_more(t, e);
	if (container_survey(t, e) == VERDICT_WAIT)
		return backend_wait(a, e);
	if (a->why.code == EXIT_RUNTIME) {
		*e = a->why;
		c->find = FIND_BEGIN;
		a->again_ns = mono_ns() + retry_ns;
		return backend_wait(a, e);
	}
	a->why = (struct err){0};
	if (strcmp(c->view.id, t->target.container) == 0)
		return VERDICT_YES;
	c->other = c->view;
	a->settle = look_at_target;
	return backend_wait_more(t, e);
}

/* The one that was broken is asked for first: its name or service may mean another by now, or none. */
static void look_itself(struct task *t)
{
	struct err ignored;
	container_survey_begin(t, &ignored);
	struct container *c = container_of(t->node);
	if (c->find == FIND_LIST)
		c->find = FIND_LOOK;
	memcpy(c->found, t->target.container, sizeof c->found);
}

bool container_removed(struct task *t, struct err *e)
{
	struct err ignored;
	t->target = t->undo.target;
	if (!t->target.container[0] || container_open(t->node, &ignored))
		return false;
	struct container *c = container_of(t->node);
	struct asking *a = &c->asking;
	if (mono_ns() < a->again_ns)
		return false;
	if (c->find == FIND_BEGIN)
		look_itself(t);
	if (container_survey(t, &ignored) == VERDICT_WAIT)
		return false;
	c->find = FIND_BEGIN;
	if (a->why.code == EXIT_USAGE && strcmp(c->found, t->target.container) == 0) {
		container_survey_begin(t, &ignored); /* it is gone: what has its place */
		return false;
	}
	a->again_ns = mono_ns() + retry_ns;
	if (a->why.code == EXIT_RUNTIME || strcmp(c->view.id, t->target.container) == 0)
		return false;
	c->other = c->view;
	c->view = (struct view){0};
	a->looked = true;
	if (c->other.running)
		return false;
	if (c->other.id[0])
		err_runtime(e, "its container " SHORT " has been replaced by " SHORT ", which does not run",
			    t->target.container, c->other.id);
	else
		err_removed(t, e);
	return true;
}

/* --- told, not done ------------------------------------------------------------------- */

static bool is_surveyed(void *task)
{
	struct err ignored;
	return container_survey(task, &ignored) != VERDICT_WAIT;
}

/* True if the survey that has begun finds the one that was broken. */
static bool finds_it(struct task *t)
{
	struct err ignored;
	await(t->node->fleet->loop, is_surveyed, t, &ignored);
	return strcmp(t->node->id.container, t->target.container) == 0;
}

/* Itself first, whatever has its name; if that is not all that the act needs, then what is the node now. */
void container_look_back(struct node *n, const struct identity *was, enum act undoes, struct buf *gone,
			 struct err *lacking)
{
	struct task *t = &n->task;
	struct err ignored;
	bool there = false;
	t->target = *was;
	t->reverting = true;
	if (was->container[0]) {
		look_itself(t);
		there = finds_it(t);
	}
	if (there && undoes != ACT_START)
		return;
	container_survey_begin(t, &ignored);
	bool same = finds_it(t);
	if (there && !n->id.container[0])
		n->id = *was;
	else if (!there || !same)
		container_tell_gone(n, was, gone, lacking);
}
