/* The calls of a task on a container: its acts one after another, then looks. */
#include "base/clock.h"
#include "base/units.h"
#include "kinds/container/container.h"
#include "seam.h"

#include <stdio.h>
#include <string.h>

static const int64_t look_soon_ns = 3 * NS_PER_MS;
static const int64_t look_late_ns = 50 * NS_PER_MS;
static const int64_t retry_ns = 200 * NS_PER_MS;

void container_aim(struct container *c, const char *id)
{
	snprintf(c->target, sizeof c->target, "%s", id);
	container_leave_call(c);
	c->looked = c->ending = false;
	c->settle = SETTLED;
	c->act_count = c->act_at = 0;
	c->refused[0] = c->reason[0] = '\0';
	c->look_ns = 0;
}

void container_begin(struct task *t)
{
	struct node *n = t->node;
	t->target = n->id;
	container_of(n)->asked = ASKED_NOTHING;
	container_aim(container_of(n), n->id.container);
}

void container_add_act(struct container *c, const char *act)
{
	snprintf(c->acts[c->act_count], sizeof c->acts[0], "%s", act);
	c->act_count++;
	c->looked = false;
}

/* What the acts left is asked for anew. */
void container_act_again(struct container *c, const char *act)
{
	c->act_count = c->act_at = 0;
	c->refused[0] = '\0';
	c->look_ns = mono_ns() + retry_ns;
	container_add_act(c, act);
}

enum verdict container_wait(struct container *c, const struct err *e)
{
	snprintf(c->reason, sizeof c->reason, "%.190s", e->msg);
	return VERDICT_WAIT;
}

enum verdict container_wait_more(const struct container *c, struct err *e)
{
	err_runtime(e, "%s",
		    c->reason[0] ? c->reason : "the container engine has not answered yet");
	return VERDICT_WAIT;
}

enum verdict container_silent(struct container *c, struct err *e)
{
	engine_call_error(c->call, e);
	c->look_ns = mono_ns() + retry_ns;
	return container_wait(c, e);
}

/* A refusal is kept: whether it matters, the look says. */
static enum verdict do_act(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	const char *act = c->acts[c->act_at];
	char what[CONTAINER_ID_MAX + 40];
	snprintf(what, sizeof what, "%s/%s", c->target, act);
	bool first = !c->calling;
	if (first)
		crash_point();
	enum engine_answer a = container_ask(c, "POST", what);
	if (first)
		crash_point();
	if (a == ENGINE_PENDING)
		return container_wait_more(c, e);
	container_note_answer(c, c->call, a);
	if (a == ENGINE_SILENT)
		return container_silent(c, e);
	crash_point();
	int status = engine_call_status(c->call);
	if (status >= 400) {
		view_message(engine_call_body(c->call), c->refused, sizeof c->refused);
		if (!c->refused[0])
			snprintf(c->refused, sizeof c->refused, "status %d", status);
	}
	if (status < 300 && strcmp(act, "start") == 0)
		t->launched = true;
	c->act_at++;
	c->look_ns = 0;
	return container_wait_more(c, e);
}

/* VERDICT_YES: c->view is the target as it is now. */
static enum verdict look_again(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	char what[CONTAINER_ID_MAX + 8];
	snprintf(what, sizeof what, "%s/json", c->target);
	enum engine_answer a = container_ask(c, "GET", what);
	int status = engine_call_status(c->call);
	if (a == ENGINE_PENDING)
		return container_wait_more(c, e);
	if (a == ENGINE_SILENT)
		return container_silent(c, e);
	if (status == 404)
		c->view = (struct view){0};
	else if (status != 200 || view_read(&c->view, engine_call_body(c->call), e)) {
		if (status != 200)
			err_runtime(e, "the container engine answers with status %d", status);
		c->look_ns = mono_ns() + retry_ns;
		return container_wait(c, e);
	}
	int64_t now = mono_ns(), pause = (now - t->begun_ns) / 8;
	pause = pause < look_soon_ns ? look_soon_ns : pause > look_late_ns ? look_late_ns : pause;
	c->look_ns = now + pause;
	c->looked = true;
	container_identify(t->node);
	return VERDICT_YES;
}

enum verdict container_turn(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	if (container_answer_due(c) || (!c->calling && mono_ns() < c->look_ns))
		return container_wait_more(c, e);
	return c->act_at < c->act_count ? do_act(t, e) : look_again(t, e);
}
