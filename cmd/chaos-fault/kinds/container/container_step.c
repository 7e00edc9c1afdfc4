/* The acts on a node's container and how each shows. All acts name the container by its full id: if
 * another has taken its name or its service meanwhile, that one is looked at, and never touched. */
#include "kinds/container/container.h"
#include "node/node.h"
#include "seam.h"

#include <stdio.h>
#include <string.h>

/* --- killing, stopping, pausing -------------------------------------------------- */

int container_kill(struct task *t, struct err *e)
{
	struct node *n = t->node;
	char act[32];
	(void)e;
	t->acted = true;
	container_begin(t);
	snprintf(act, sizeof act, "kill?signal=SIG%s", node_signal_name(n));
	container_add_act(container_of(n), act);
	return 0;
}

/* The undo of bringing it up is for the one that was brought up. */
int container_term(struct task *t, struct err *e)
{
	struct node *n = t->node;
	t->polite = true;
	if (!t->reverting) {
		container_begin(t);
	} else {
		container_survey_begin(t, e);
		t->target = t->undo.target;
		container_aim(container_of(n), t->target.container);
	}
	container_of(n)->ending = true;
	return container_of(n)->why.code ? (*e = container_of(n)->why, -1) : 0;
}

static enum verdict begin_ending(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	c->ending = false;
	if (!c->view.id[0] || (!c->view.running && !container_unfinished(t)))
		return VERDICT_YES;
	t->acted = true;
	if (!c->view.running) { /* on its way up: it has served nobody, nor has a handler yet */
		container_add_act(c, "start");
		container_add_act(c, "kill?signal=SIGKILL");
		return container_wait_more(c, e);
	}
	if (c->view.paused) /* Podman stops none that is paused */
		container_add_act(c, "unpause");
	container_add_act(c, "stop?t=5");
	return container_wait_more(c, e);
}

static enum verdict does_not_stay(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	if (t->fault && !t->reverting) {
		err_runtime(e,
			    "it does not stay: it was started again at once (restart policy '%s')",
			    c->view.policy);
		return VERDICT_NO;
	}
	container_act_again(c, "stop?t=5");
	err_runtime(e, "it is started again and again (restart policy '%s')", c->view.policy);
	return container_wait(c, e);
}

enum verdict container_seen_gone(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	const struct view *v = &c->view;
	enum verdict seen = container_turn(t, e);
	if (seen != VERDICT_YES)
		return seen;
	if (c->ending)
		return begin_ending(t, e);
	if (!v->id[0])
		return VERDICT_YES;
	if (v->restarting ||
	    (v->running && strcmp(v->started, t->target.started) != 0 && !t->reverting))
		return does_not_stay(t, e);
	if (!v->running) {
		t->forced = t->polite && v->exit_code == 128 + 9;
		return VERDICT_YES;
	}
	err_runtime(e, "container " SHORT " still runs%s%s", v->id, c->refused[0] ? ": " : "",
		    c->refused);
	if (!c->refused[0])
		return container_wait(c, e);
	if (!t->reverting)
		return VERDICT_NO;
	/* A call of a client that died may have been carried out in between: Podman stops no
	 * container that is paused. */
	container_aim(c, t->target.container);
	c->ending = true;
	return container_wait(c, e);
}

int container_pause(struct task *t, struct err *e)
{
	(void)e;
	container_begin(t);
	container_add_act(container_of(t->node), "pause");
	return 0;
}

enum verdict container_seen_paused(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	enum verdict seen = container_turn(t, e);
	if (seen != VERDICT_YES)
		return seen;
	if (c->view.paused)
		return VERDICT_YES;
	if (!c->view.running)
		err_runtime(e, "its container has ended");
	else
		err_runtime(e, "container " SHORT " still runs%s%s", c->view.id,
			    c->refused[0] ? ": " : "", c->refused);
	return !c->view.running || c->refused[0] ? VERDICT_NO : container_wait(c, e);
}

/* --- starting, going on --------------------------------------------------------- */

int container_start(struct task *t, struct err *e)
{
	struct node *n = t->node;
	enum node_state state = container_look(n);
	if (container_unknown(n, e))
		return -1;
	if (state == NODE_PAUSED)
		return err_usage(e, "'%s' is paused; 'chaos-fault resume %s' lets it go on",
				 n->conf->name, n->conf->name);
	container_begin(t);
	t->by_other = state == NODE_UP;
	t->launch = !t->by_other;
	if (t->launch)
		container_add_act(container_of(n), "start");
	return 0;
}

int container_resume(struct task *t, struct err *e)
{
	struct node *n = t->node;
	if (t->reverting)
		return container_undo(t, e);
	if (container_look(n) != NODE_PAUSED)
		return container_start(t, e);
	container_begin(t);
	container_add_act(container_of(n), "unpause");
	return 0;
}

static enum verdict not_running(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	const struct view *v = &c->view;
	if (!v->id[0]) {
		err_runtime(e, "its container has been removed");
		return VERDICT_NO;
	}
	if (c->refused[0])
		err_runtime(e, "the container engine says: %s", c->refused);
	else if (t->launched)
		err_runtime(e,
			    "it exited while starting, with code %d; 'logs %s' of its engine says "
			    "why",
			    v->exit_code, v->name);
	else
		err_runtime(e, "its container has ended");
	if (v->restarting)
		return container_wait(c, e);
	if (!t->reverting || (t->launched && !c->refused[0]))
		return VERDICT_NO;
	t->launch = true;
	container_act_again(c, "start");
	return container_wait(c, e);
}

/* By its health check where it has one, and by its URL. */
static enum verdict answers(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	bool healthy = strcmp(c->view.health, "healthy") == 0;
	if (healthy && !t->node->conf->ready_given)
		return node_ask_answers(t, e) == VERDICT_YES ? VERDICT_YES : container_wait(c, e);
	if (healthy || !c->view.health[0])
		return node_ask_ready(t, e) == VERDICT_YES ? VERDICT_YES : container_wait(c, e);
	err_runtime(e, "its health check says '%s'", c->view.health);
	return container_wait(c, e);
}

enum verdict container_seen_ready(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	enum verdict seen = container_settle(t, e);
	if (seen != VERDICT_YES)
		return seen;
	seen = container_turn(t, e);
	if (seen == VERDICT_NO || !c->looked || c->act_at < c->act_count)
		return seen;
	if (!c->view.running || c->view.restarting)
		return not_running(t, e);
	if (c->view.paused) {
		err_runtime(e, "container " SHORT " is still paused%s%s", c->view.id,
			    c->refused[0] ? ": " : "", c->refused);
		return container_wait(c, e);
	}
	return answers(t, e);
}
