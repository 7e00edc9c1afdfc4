/* The acts on a node of a kind that is a program, and how each shows. */
#include "base/clock.h"
#include "base/units.h"
#include "kinds/exec/exec_node.h"
#include "seam.h"

#include <stdio.h>
#include <string.h>

enum { CODE_NOT_YET = 75 };

static const int64_t look_soon_ns = 5 * NS_PER_MS;
static const int64_t look_late_ns = 50 * NS_PER_MS;
static const int64_t retry_ns = 500 * NS_PER_MS;
static const int64_t polite_ns = 5 * BOUND_S; /* term gets so long before kill */

/* --- calls, one after another -------------------------------------------------------- */

static void begin(struct task *t, const struct identity *target)
{
	struct exec_node *x = exec_node_of(t->node);
	t->target = *target;
	exec_node_end_call(x);
	x->act_count = x->act_at = 0;
	x->decide = NULL;
	x->asked_ready = false;
	x->refused[0] = '\0';
	x->again_ns = 0;
}

static void act(struct exec_node *x, enum exec_verb v)
{
	if (x->act_at == x->act_count)
		x->act_at = x->act_count = 0;
	x->acts[x->act_count++] = v;
	x->again_ns = 0;
}

static void take_act(struct task *t)
{
	struct exec_node *x = exec_node_of(t->node);
	struct err why = {0};
	if (x->verb == EXEC_READY) {
		exec_node_take_ready(x);
		x->asked_ready = true;
	} else {
		bool done = call_code(x->call, &why) == 0;
		if (!done)
			call_err(x->call, &why);
		snprintf(x->refused, sizeof x->refused, "%.239s", why.msg);
		t->launched |= done && x->verb == EXEC_START;
		exec_node_end_call(x);
	}
	x->act_at++;
	x->again_ns = 0;
}

static enum verdict wait_for(const struct exec_node *x, struct err *e)
{
	err_runtime(e, "%s",
		    x->why.code	    ? x->why.msg
		    : x->refused[0] ? x->refused
				    : "its program has not answered yet");
	return VERDICT_WAIT;
}

static void take_look(struct task *t)
{
	struct exec_node *x = exec_node_of(t->node);
	int64_t now = mono_ns(), pause = (now - t->begun_ns) / 8;
	pause = pause < look_soon_ns ? look_soon_ns : pause > look_late_ns ? look_late_ns : pause;
	x->again_ns = now + pause;
	exec_node_take_look(t->node);
}

/* VERDICT_YES: the acts are over, and the state is as of now and known. */
static enum verdict turn(struct task *t, struct err *e)
{
	struct exec_node *x = exec_node_of(t->node);
	if (!x->call) {
		bool acts = x->act_at < x->act_count;
		if (mono_ns() >= x->again_ns &&
		    exec_node_ask(t->node, acts ? x->acts[x->act_at] : EXEC_LOOK, &t->target, e))
			return VERDICT_NO;
		return wait_for(x, e);
	}
	if (!call_step(x->call))
		return wait_for(x, e);
	crash_point();
	if (x->verb != EXEC_LOOK) {
		take_act(t);
		return wait_for(x, e);
	}
	take_look(t);
	if (x->why.code)
		return wait_for(x, e);
	if (!x->decide)
		return VERDICT_YES;
	enum verdict decided = x->decide(t, e);
	x->decide = NULL;
	return decided == VERDICT_YES && x->act_at < x->act_count ? wait_for(x, e) : decided;
}

/* --- killing, stopping, pausing ------------------------------------------------------ */

static int act_kill(struct task *t, struct err *e)
{
	(void)e;
	t->acted = true;
	begin(t, &t->node->id);
	act(exec_node_of(t->node), EXEC_KILL);
	return 0;
}

static int act_pause(struct task *t, struct err *e)
{
	(void)e;
	begin(t, &t->node->id);
	act(exec_node_of(t->node), EXEC_PAUSE);
	return 0;
}

/* The undo calls the program that did the act, and looks before it acts. */
static int begin_undo(struct task *t, enum verdict (*decide)(struct task *t, struct err *e),
		      struct err *e)
{
	if (exec_node_use_copy(t->node, t->undo.target.sum, e))
		return -1;
	begin(t, &t->undo.target);
	exec_node_of(t->node)->decide = decide;
	return 0;
}

static enum verdict decide_term(struct task *t, struct err *e)
{
	struct exec_node *x = exec_node_of(t->node);
	(void)e;
	t->acted = x->state == NODE_UP || x->state == NODE_PAUSED;
	t->target = t->node->id;
	if (t->acted)
		act(x, EXEC_TERM);
	return VERDICT_YES;
}

static int act_term(struct task *t, struct err *e)
{
	t->polite = true;
	if (t->reverting)
		return begin_undo(t, decide_term, e);
	begin(t, &t->node->id);
	exec_node_of(t->node)->decide = decide_term;
	return 0;
}

/* An undo does not rest because the program has failed once. */
static void act_again(struct task *t, enum exec_verb v)
{
	struct exec_node *x = exec_node_of(t->node);
	if (!t->reverting || !x->refused[0])
		return;
	act(x, v);
	x->again_ns = mono_ns() + retry_ns;
}

static enum verdict seen_gone(struct task *t, struct err *e)
{
	struct exec_node *x = exec_node_of(t->node);
	enum verdict seen = turn(t, e);
	if (seen != VERDICT_YES || x->state == NODE_DOWN || x->state == NODE_FOREIGN)
		return seen;
	if (!t->reverting && strcmp(t->node->id.opaque, t->target.opaque) != 0) {
		err_runtime(e, "it does not stay: another has been started in its place");
		return VERDICT_NO;
	}
	err_runtime(e, "it still runs%s%s", x->refused[0] ? ": " : "", x->refused);
	if (x->refused[0] && !t->reverting)
		return VERDICT_NO;
	if (t->polite && mono_ns() - t->begun_ns > polite_ns) {
		t->polite = false;
		t->forced = true;
		act(x, EXEC_KILL);
	} else {
		act_again(t, t->polite ? EXEC_TERM : EXEC_KILL);
	}
	return VERDICT_WAIT;
}

static enum verdict seen_paused(struct task *t, struct err *e)
{
	struct exec_node *x = exec_node_of(t->node);
	enum verdict seen = turn(t, e);
	if (seen != VERDICT_YES || x->state == NODE_PAUSED)
		return seen;
	err_runtime(e, "it is %s%s%s", node_state_name(x->state), x->refused[0] ? ": " : "",
		    x->refused);
	return x->state != NODE_UP || x->refused[0] ? VERDICT_NO : VERDICT_WAIT;
}

/* --- starting, going on -------------------------------------------------------------- */

static void launch(struct task *t)
{
	t->launch = true;
	act(exec_node_of(t->node), EXEC_START);
}

static int act_start(struct task *t, struct err *e)
{
	struct node *n = t->node;
	enum node_state state = exec_node_look(n);
	if (exec_node_unknown(n, e))
		return -1;
	if (state == NODE_FOREIGN)
		return exec_node_err_foreign(n, e);
	if (state == NODE_PAUSED)
		return err_usage(e, "'%s' is paused; 'chaos-fault resume %s' lets it go on",
				 n->conf->name, n->conf->name);
	begin(t, &n->id);
	t->by_other = state == NODE_UP;
	if (!t->by_other)
		launch(t);
	return 0;
}

static enum verdict paused_by_other(struct err *e)
{
	err_runtime(e, "somebody else has paused it");
	return VERDICT_NO;
}

/* The effect of an act that has not shown may come after its undo: the act is done once more before
 * it is undone. */
static enum verdict decide_kill(struct task *t, struct err *e)
{
	struct exec_node *x = exec_node_of(t->node);
	bool same = strcmp(t->node->id.opaque, t->target.opaque) == 0;
	if (x->state == NODE_PAUSED)
		return paused_by_other(e);
	t->by_other = x->state != NODE_DOWN && !(t->undo.unfinished && same);
	if (x->state == NODE_UP && !t->by_other)
		act(x, EXEC_KILL);
	if (!t->by_other)
		launch(t);
	return VERDICT_YES;
}

static enum verdict decide_pause(struct task *t, struct err *e)
{
	struct exec_node *x = exec_node_of(t->node);
	bool same = strcmp(t->node->id.opaque, t->target.opaque) == 0;
	if (x->state == NODE_PAUSED && !same)
		return paused_by_other(e);
	if (x->state == NODE_DOWN)
		launch(t);
	bool may_come = x->state == NODE_UP && same && t->undo.unfinished;
	t->by_other = x->state == NODE_UP && !may_come;
	if (may_come)
		act(x, EXEC_PAUSE);
	if (may_come || x->state == NODE_PAUSED)
		act(x, EXEC_RESUME);
	return VERDICT_YES;
}

static int act_start_again(struct task *t, struct err *e)
{
	return begin_undo(t, decide_kill, e);
}

static int act_resume(struct task *t, struct err *e)
{
	if (t->reverting)
		return begin_undo(t, decide_pause, e);
	if (exec_node_look(t->node) != NODE_PAUSED)
		return act_start(t, e);
	begin(t, &t->node->id);
	act(exec_node_of(t->node), EXEC_RESUME);
	return 0;
}

static enum verdict not_running(struct task *t, struct err *e)
{
	struct exec_node *x = exec_node_of(t->node);
	bool ended = t->launched && !x->refused[0];
	err_runtime(e, "%s", x->refused[0] ? x->refused : "it has ended");
	if (!t->reverting || ended)
		return VERDICT_NO;
	launch(t);
	x->again_ns = mono_ns() + retry_ns;
	return VERDICT_WAIT;
}

/* By what its program says, and by its URL. */
static enum verdict answers(struct task *t, struct err *e)
{
	struct exec_node *x = exec_node_of(t->node);
	if (!x->asked_ready) {
		act(x, EXEC_READY);
		return wait_for(x, e);
	}
	x->asked_ready = false;
	if (!x->ready_code)
		return t->node->conf->ready_given ? node_ask_ready(t, e) : node_ask_answers(t, e);
	err_runtime(e, "%s", x->not_ready);
	return x->ready_code == CODE_NOT_YET || t->reverting ? VERDICT_WAIT : VERDICT_NO;
}

static enum verdict seen_ready(struct task *t, struct err *e)
{
	struct exec_node *x = exec_node_of(t->node);
	enum verdict seen = turn(t, e);
	if (seen != VERDICT_YES)
		return seen;
	if (x->state == NODE_UP)
		return answers(t, e);
	if (x->state == NODE_DOWN)
		return not_running(t, e);
	if (x->state == NODE_FOREIGN) {
		t->by_other = true;
		return t->reverting ? node_ask_ready(t, e)
				    : (exec_node_err_foreign(t->node, e), VERDICT_NO);
	}
	err_runtime(e, "it is still paused%s%s", x->refused[0] ? ": " : "", x->refused);
	act_again(t, EXEC_RESUME);
	return x->refused[0] && !t->reverting ? VERDICT_NO : VERDICT_WAIT;
}

const struct kind kind_program = {
	.name = "program",
	.ours = true,
	.needs = NEED_BIT(NEED_STATE) | NEED_BIT(NEED_GUARD) | NEED_BIT(NEED_PROC),
	.answers_within_ns = EXEC_NODE_ANSWERS_WITHIN_S * BOUND_S,
	.survey_begin = exec_node_survey_begin,
	.survey = exec_node_survey,
	.look = exec_node_look,
	.unknown = exec_node_unknown,
	.health = exec_node_health,
	.err_foreign = exec_node_err_foreign,
	.left_running = exec_node_left_running,
	.release = exec_node_release,
	.show = exec_node_show,
	.identity_json = exec_node_identity_json,
	.identity_read = exec_node_identity_read,
	.how_json = exec_node_how_json,
	.how_read = exec_node_how_read,
	.tell = exec_node_tell,
	.kill = act_kill,
	.term = act_term,
	.pause = act_pause,
	.resume = act_resume,
	.start = act_start,
	.start_again = act_start_again,
	.gone = seen_gone,
	.paused = seen_paused,
	.back = seen_ready,
	.ready = seen_ready,
};
