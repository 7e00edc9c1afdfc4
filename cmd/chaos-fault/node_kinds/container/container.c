#include "node_kinds/container/container.h"

#include "base/buf.h"
#include "node_kinds/container/engine_at.h"
#include "node/node.h"
#include "sys/sig.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- which one it is ------------------------------------------------------------- */

int container_engine_of(const struct node_conf *n, char *out, size_t size, struct err *e)
{
	return n->engine ? engine_take(out, size, n->engine, e) : engine_at(out, size, e);
}

int container_open(struct node *n, struct err *e)
{
	if (!n->own)
		n->own = mem_alloc(sizeof(struct container));
	struct container *c = container_of(n);
	c->loop = n->fleet->loop;
	if (c->at[0])
		return 0;
	char at[ENGINE_MAX];
	if (container_engine_of(n->conf, at, sizeof at, e))
		return -1;
	memcpy(c->at, at, sizeof at);
	c->call = engine_call_new(c->loop, at);
	return 0;
}

int container_survey_begin(struct task *t, struct err *e)
{
	struct err why = {0};
	int rc = container_open(t->node, &why);
	struct container *c = container_of(t->node);
	(void)e;
	c->asking.why = why;
	c->view = (struct view){0};
	container_leave_call(c);
	c->find = rc ? FOUND : FIND_LIST;
	return 0;
}

void container_odd_answer(const struct container *c, struct err *e)
{
	char words[160];
	view_message(engine_call_body(c->call), words, sizeof words);
	err_runtime(e, "the container engine at '%s' answers with status %d%s%s", c->at,
		    engine_call_status(c->call), words[0] ? ": " : "", words);
}

/* An undo looks among those of the project in which the fault was injected. */
static int find_in(const struct task *t, const char *list, struct err *e)
{
	struct container *c = container_of(t->node);
	struct node_conf conf = *t->node->conf;
	char project[PROJECT_MAX];
	memcpy(project, t->target.project, sizeof project);
	if (conf.compose && t->reverting && project[0])
		conf.project = project;
	return view_find(c->found, &conf, t->node->fleet->config, c->at, list, e);
}

/* The answer to the list, or to the look at the one that was found in it. */
static void take(const struct task *t, enum engine_answer a)
{
	struct node *n = t->node;
	struct container *c = container_of(n);
	struct err *why = &c->asking.why;
	int status = engine_call_status(c->call);
	const char *body = engine_call_body(c->call);
	bool list = c->find == FIND_LIST;
	c->find = FOUND;
	if (a == ENGINE_SILENT)
		engine_call_error(c->call, why);
	else if (!list && status == 404)
		err_usage(why, "'%s': its container has just been removed", n->conf->name);
	else if (status != 200)
		container_odd_answer(c, why);
	else if (!list)
		view_read(&c->view, body, why);
	else if (find_in(t, body, why) == 0)
		c->find = FIND_LOOK;
	c->several = list && c->find == FOUND && c->found[0];
}

enum verdict container_survey(struct task *t, struct err *e)
{
	struct container *c = container_of(t->node);
	char what[CONTAINER_ID_MAX + 8];
	if (c->find == FIND_BEGIN)
		container_survey_begin(t, e);
	if (c->find == FOUND)
		return VERDICT_YES;
	snprintf(what, sizeof what, "%s/json", c->found);
	enum engine_answer a = container_ask(c, "GET", c->find == FIND_LIST ? "json?all=1" : what);
	if (a != ENGINE_PENDING)
		take(t, a);
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
	struct container *c = container_of(n);
	const struct view *v = &c->view;
	c->asking.state = v->paused			 ? NODE_PAUSED
			  : v->running && !v->restarting ? NODE_UP
							 : NODE_DOWN;
	c->asking.killed = !v->running && v->exit_code == 128 + 9;
	n->id = (struct identity){0};
	memcpy(n->id.container, v->id, sizeof n->id.container);
	memcpy(n->id.started, v->started, sizeof n->id.started);
	memcpy(n->id.project, v->project, sizeof n->id.project);
	memcpy(n->id.engine, c->at, sizeof n->id.engine);
	if (v->running && v->pid)
		container_process(v->id, v->pid, &n->id.proc);
}

bool container_health(const struct node *n, char *why, size_t size)
{
	const char *health = container_of(n)->view.health;
	why[0] = '\0';
	if (health[0] && strcmp(health, "healthy") != 0)
		snprintf(why, size, "its health check says '%s'", health);
	return health[0] && (why[0] || !n->conf->ready_given);
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
