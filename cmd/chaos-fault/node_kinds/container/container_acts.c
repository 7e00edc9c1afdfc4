/* What the engine is asked for a task on a container. All names it by its full id: if another has taken
 * its name or its service meanwhile, that one is looked at, and never touched. */
#include "base/clock.h"
#include "base/units.h"
#include "net/curl/engine_logs.h"
#include "node_kinds/container/container.h"
#include "node/node.h"
#include "seam.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAIL_BYTES = 2000 };

static void aim(struct task *t)
{
	struct container *c = container_of(t->node);
	container_leave_call(c);
	if (!t->reverting)
		c->asked = ASKED_NOTHING;
}

static void path_of(const struct task *t, const enum act *act, char *out, size_t size)
{
	static const char *const acts[] = {[ACT_KILL] = "kill?signal=SIG",
					   [ACT_TERM] = "stop?t=5",
					   [ACT_PAUSE] = "pause",
					   [ACT_RESUME] = "unpause",
					   [ACT_START] = "start"};
	bool kills = act && *act == ACT_KILL;
	snprintf(out, size, "%s/%s%s", t->target.container, act ? acts[*act] : "json",
		 !kills		? ""
		 : t->reverting ? "KILL"
				: node_signal_name(t->node));
}

static int ask(struct task *t, const enum act *act, struct err *e)
{
	struct container *c = container_of(t->node);
	char path[CONTAINER_ID_MAX + 40];
	(void)e;
	path_of(t, act, path, sizeof path);
	if (act)
		crash_point();
	container_ask(c, act ? "POST" : "GET", path);
	if (act)
		crash_point();
	c->calling = true; /* its answer is taken below */
	return 0;
}

/* A refusal is kept: whether it matters, the look says. */
static void take_act(struct container *c)
{
	struct asking *a = &c->asking;
	int status = engine_call_status(c->call);
	a->refused[0] = '\0';
	if (status < 400)
		return;
	view_message(engine_call_body(c->call), a->refused, sizeof a->refused);
	if (!a->refused[0])
		snprintf(a->refused, sizeof a->refused, "status %d", status);
}

static void take_look(struct node *n)
{
	struct container *c = container_of(n);
	struct err *why = &c->asking.why;
	int status = engine_call_status(c->call);
	*why = (struct err){0};
	if (status == 404)
		c->view = (struct view){0};
	else if (status != 200)
		container_odd_answer(c, why);
	else
		view_read(&c->view, engine_call_body(c->call), why);
	if (!why->code)
		container_identify(n);
}

static enum backend_answer answer(struct task *t, const enum act *act)
{
	struct container *c = container_of(t->node);
	struct err why;
	enum engine_answer a = engine_call_step(c->call);
	if (a == ENGINE_PENDING)
		return BACKEND_PENDING;
	c->calling = false;
	if (act)
		container_note_answer(c, c->call, a);
	if (a == ENGINE_SILENT) {
		engine_call_error(c->call, &why);
		backend_wait(&c->asking, &why);
		return BACKEND_SILENT;
	}
	if (act)
		take_act(c);
	else
		take_look(t->node);
	return BACKEND_HERE;
}

static bool same(const struct task *t)
{
	return strcmp(container_of(t->node)->view.started, t->target.started) == 0;
}

static bool restarting(const struct node *n)
{
	return container_of(n)->view.restarting;
}

static void again(const struct node *n, struct err *e)
{
	err_runtime(e, "it does not stay: it was started again at once (restart policy '%s')",
		    container_of(n)->view.policy);
}

static bool ended(const struct task *t, struct err *e)
{
	const struct view *v = &container_of(t->node)->view;
	if (!v->id[0])
		err_runtime(e, "its container has been removed");
	else if (t->launched)
		err_runtime(e,
			    "it exited while starting, with code %d; 'logs " SHORT "' of its engine says "
			    "why",
			    v->exit_code, v->id);
	else
		err_runtime(e, "its container has ended");
	return !v->id[0];
}

static bool unfinished(const struct task *t)
{
	return t->reverting && t->undo.unfinished &&
	       (t->undo.adopted || container_of(t->node)->asked == ASKED_LOST);
}

/* Also if the signal was sent, and the server has not ended by it, or not yet. */
static bool may_come(const struct task *t)
{
	return unfinished(t) ||
	       (t->undo.unfinished && container_of(t->node)->asked == ASKED_DONE);
}

static const struct backend container_backend = {
	.name = "the container engine",
	.resumes = true, /* Podman stops none that is paused */
	.undo = container_undo,
	.aim = aim,
	.settle = container_settle,
	.ask = ask,
	.answer = answer,
	.busy = container_busy,
	.same = same,
	.may_come = may_come,
	.unfinished = unfinished,
	.restarting = restarting,
	.again = again,
	.came_back = container_came_back,
	.ended = ended,
};

static const char *engine(const struct node *n)
{
	return container_of(n) ? container_of(n)->at : NULL;
}

/* From its last start on. Engines say of a start when it was done, which may be after the first words: so it is from
 * the asking, if that was before. */
static int ask_log(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	struct tm tm = {0};
	if (!c->view.id[0])
		return err_runtime(e, "its container has been removed");
	const char *part = strptime(c->view.started, "%Y-%m-%dT%H:%M:%S", &tm);
	double since_s = part ? (double)timegm(&tm) + (*part == '.' ? strtod(part, NULL) : 0) : 0;
	const struct anchor now = anchor_now();
	container_leave_call(c);
	engine_logs_start(c->call, c->view.id, fmin(since_s, anchor_unix_s(&now, c->acted_ns)), t->bound_ns);
	return 0;
}

static enum verdict has_log(struct task *t, struct err *e)
{
	(void)e; /* nobody is told */
	return engine_call_step(container_of(t->node)->call) == ENGINE_PENDING ? VERDICT_WAIT : VERDICT_YES;
}

/* What the engine has answered; where it has not, none. */
static void log_tail(const struct node *n, off_t from, struct buf *out)
{
	const struct container *c = container_of(n);
	struct buf text = BUF_INIT;
	struct err ignored;
	(void)from;
	if (engine_logs_take(c->call, c->view.id, TAIL_BYTES, &text, &ignored) == 0 && text.len) {
		while (text.len && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r'))
			text.data[--text.len] = '\0';
		char *shown = url_hide_password(&n->conf->at, text.data);
		buf_addstr(out, shown);
		free(shown);
	}
	buf_release(&text);
}

const struct kind kind_container = {
	.name = "container",
	.ours = true,
	.needs = NEED_BIT(NEED_STATE) | NEED_BIT(NEED_GUARD) | NEED_BIT(NEED_PROC) |
		 NEED_BIT(NEED_ENGINE),
	.answers_within_ns = CONTAINER_ANSWERS_WITHIN_S * BOUND_S,
	.survey = {container_survey_begin, container_survey},
	.look = backend_state,
	.unknown = backend_unknown,
	.health = container_health,
	.refuse_down = container_refuse_down,
	.warn_down = container_warn_down,
	.log = {ask_log, has_log},
	.log_tail = log_tail,
	.engine_of = container_engine_of,
	.engine = engine,
	.remake = container_remake,
	.removed = container_removed,
	.look_back = container_look_back,
	.release = container_release,
	.show = container_show,
	.tell = container_tell,
	.steps = BACKEND_STEPS,
	.backend = &container_backend,
};
