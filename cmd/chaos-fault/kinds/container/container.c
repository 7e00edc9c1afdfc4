#include "kinds/container/container.h"

#include "base/buf.h"
#include "base/units.h"
#include "kinds/container/engine_at.h"
#include "node/node.h"
#include "seam.h"
#include "sys/sig.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t look_timeout_ns = 5 * NS_PER_S;

enum engine_answer container_ask(struct container *c, const char *method, const char *what)
{
	if (!c->calling) {
		char *path = mem_printf("/containers/%s", what);
		c->acting = strcmp(method, "POST") == 0;
		engine_call_start(c->call, method, path,
				  c->acting ? CONTAINER_ANSWERS_WITHIN_S * BOUND_S
					    : look_timeout_ns);
		free(path);
		c->calling = true;
	}
	enum engine_answer a = engine_call_step(c->call);
	c->calling = a == ENGINE_PENDING;
	return a;
}

void container_leave_call(struct container *c)
{
	if (c->calling && c->acting) {
		c->late = c->call; /* there is no other: no act is begun before it is settled */
		c->call = engine_call_new(c->loop, c->at);
	}
	c->calling = false;
}

void container_note_answer(struct container *c, const struct engine_call *call,
			   enum engine_answer a)
{
	if (a == ENGINE_SILENT)
		c->asked = ASKED_LOST;
	else
		c->asked = engine_call_status(call) < 400 ? ASKED_DONE : ASKED_REFUSED;
}

bool container_answer_due(struct container *c)
{
	if (!c->late)
		return false;
	enum engine_answer a = engine_call_step(c->late);
	if (a == ENGINE_PENDING)
		return true;
	container_note_answer(c, c->late, a);
	engine_call_free(c->late);
	c->late = NULL;
	return false;
}

/* --- which one it is ------------------------------------------------------------- */

static int open_engine(struct node *n, struct err *e)
{
	struct container *c = container_of(n);
	if (c->at[0])
		return 0;
	char at[ENGINE_MAX];
	int rc = 0;
	if (n->conf->engine) {
		snprintf(at, sizeof at, "%s", n->conf->engine);
		rc = engine_check(at, e);
	} else {
		rc = engine_at(at, sizeof at, e);
	}
	if (rc)
		return -1;
	memcpy(c->at, at, sizeof at);
	c->call = engine_call_new(c->loop, at);
	return 0;
}

int container_survey_begin(struct task *t, struct err *e)
{
	struct node *n = t->node;
	if (!n->own)
		n->own = mem_alloc(sizeof(struct container));
	struct container *c = container_of(n);
	(void)e;
	c->loop = n->fleet->loop;
	c->why = (struct err){0};
	c->view = (struct view){0};
	container_leave_call(c);
	c->find = FIND_LIST;
	if (open_engine(n, &c->why))
		c->find = FOUND;
	return 0;
}

static void refused(const struct container *c, struct err *e)
{
	char words[160];
	view_message(engine_call_body(c->call), words, sizeof words);
	err_runtime(e, "the container engine at '%s' answers with status %d%s%s", c->at,
		    engine_call_status(c->call), words[0] ? ": " : "", words);
}

/* The answer to the list, or to the look at the one that was found in it. */
static void take(struct node *n, enum engine_answer a)
{
	struct container *c = container_of(n);
	int status = engine_call_status(c->call);
	const char *body = engine_call_body(c->call);
	bool list = c->find == FIND_LIST;
	c->find = FOUND;
	if (a == ENGINE_SILENT)
		engine_call_error(c->call, &c->why);
	else if (!list && status == 404)
		err_usage(&c->why, "'%s': its container has just been removed", n->conf->name);
	else if (status != 200)
		refused(c, &c->why);
	else if (!list)
		view_read(&c->view, body, &c->why);
	else if (view_find(c->target, n->conf, n->fleet->config, c->at, body, &c->why) == 0)
		c->find = FIND_LOOK;
}

enum verdict container_survey(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	char what[CONTAINER_ID_MAX + 8];
	if (c->find == FOUND)
		return VERDICT_YES;
	snprintf(what, sizeof what, "%s/json", c->target);
	enum engine_answer a = container_ask(c, "GET", c->find == FIND_LIST ? "json?all=1" : what);
	if (a != ENGINE_PENDING)
		take(t->node, a);
	if (c->find == FOUND) {
		container_identify(t->node);
		return VERDICT_YES;
	}
	err_runtime(e, "the container engine at '%s' has not answered yet", c->at);
	return VERDICT_WAIT;
}

/* --- what is known of it ----------------------------------------------------------- */

void container_identify(struct node *n)
{
	const struct container *c = container_of(n);
	n->id = (struct identity){0};
	memcpy(n->id.container, c->view.id, sizeof n->id.container);
	memcpy(n->id.started, c->view.started, sizeof n->id.started);
	memcpy(n->id.engine, c->at, sizeof n->id.engine);
}

enum node_state container_look(struct node *n)
{
	const struct container *c = container_of(n);
	if (!c || c->why.code)
		return NODE_UNKNOWN;
	container_identify(n);
	if (c->view.paused)
		return NODE_PAUSED;
	return c->view.running && !c->view.restarting ? NODE_UP : NODE_DOWN;
}

int container_unknown(const struct node *n, struct err *e)
{
	if (!container_of(n) || !container_of(n)->why.code)
		return 0;
	*e = container_of(n)->why;
	return -1;
}

bool container_health(const struct node *n, char *why, size_t size)
{
	const char *health = container_of(n)->view.health;
	why[0] = '\0';
	if (health[0] && strcmp(health, "healthy") != 0)
		snprintf(why, size, "its health check says '%s'", health);
	return health[0] && (why[0] || !n->conf->ready_given);
}

void container_left_running(const struct node *n, struct err *e)
{
	const struct container *c = container_of(n);
	char check[80];
	size_t len = strlen(e->msg);
	if (!c->view.running)
		return;
	if (c->view.health[0])
		snprintf(check, sizeof check, "its health check");
	else
		node_check_words(n->conf, check, sizeof check);
	snprintf(e->msg + len, sizeof e->msg - len,
		 " (ready: %s); container '%s' is left running; 'chaos-fault down %s' stops it",
		 check, c->view.name, n->conf->name);
}

int container_refuse_down(const struct node *n, const char *fault, struct err *e)
{
	if (!container_of(n)->view.removes_itself)
		return 0;
	return err_usage(
		e,
		"'%s': its container removes itself when it ends (--rm), so that a %s could "
		"not be put back",
		n->conf->name, fault);
}

/* Engines take what is stopped or killed through them for stopped by hand, and leave it down. But
 * Docker takes a signal that is not the container's own stop signal for a crash, and Podman, which
 * shows that as a number, any but KILL. */
static bool is_crash(const struct view *v, const char *sent)
{
	struct err ignored;
	if (strcmp(sent, "KILL") == 0 || !v->policy[0] || strcmp(v->policy, "no") == 0)
		return false;
	return isdigit((unsigned char)v->stop_signal[0]) ||
	       (v->stop_signal[0] && strcmp(v->policy, "unless-stopped") != 0 &&
		sig_parse(v->stop_signal, &ignored) != sig_parse(sent, &ignored));
}

bool container_warn_down(const struct node *n, enum act does, char *out, size_t size)
{
	const struct view *v = &container_of(n)->view;
	const char *sent = node_signal_name(n);
	if (does != ACT_KILL || !is_crash(v, sent))
		return false;
	snprintf(out, size,
		 "its restart policy is '%s': after %s, the engine may start it again before the "
		 "fault ends",
		 v->policy, sent);
	return true;
}

void container_release(struct node *n)
{
	if (container_of(n)) {
		engine_call_free(container_of(n)->call);
		engine_call_free(container_of(n)->late);
	}
	free(n->own);
	n->own = NULL;
}
