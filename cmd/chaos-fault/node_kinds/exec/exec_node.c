#include "node_kinds/exec/exec_node.h"

#include "base/suggest.h"
#include "seam.h"
#include "sys/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_NOT_YET = 75 };

static const int64_t look_within_ns = 5 * NS_PER_S;

struct exec_node *exec_node_of(const struct node *n)
{
	return n->own;
}

const char *exec_node_verb(enum act act)
{
	static const char *const names[] = {[ACT_KILL] = "kill",
					    [ACT_TERM] = "term",
					    [ACT_PAUSE] = "pause",
					    [ACT_RESUME] = "resume",
					    [ACT_START] = "start"};
	return names[act];
}

static struct json *question(const struct node *n, const struct identity *target)
{
	struct json *j = json_object_new(), *node = json_object_new(), *with = json_object_new();
	json_set_str(node, "name", n->conf->name);
	json_set_str(node, "url", n->conf->full_url);
	json_set_str(node, "mode", conf_mode_name(n->conf->mode));
	json_set_int(node, "port", n->conf->at.port);
	for (char **w = n->conf->with; *w; w += 2)
		json_set_str(with, w[0], w[1]);
	json_set(j, "node", node);
	json_set(j, "with", with);
	json_set_str(j, "identity", target->opaque);
	json_set_str(j, "signal", node_signal_name(n));
	return j;
}

static int ask(struct node *n, const char *verb, const struct identity *target, int64_t within_ns,
	       struct err *e)
{
	struct exec_node *x = exec_node_of(n);
	struct json *j = question(n, target);
	crash_point();
	x->call = call_new(x->path, verb, j, within_ns, -1, e);
	crash_point();
	json_free(j);
	return x->call ? 0 : -1;
}

int exec_node_ask(struct node *n, const enum act *act, const struct identity *target,
		  struct err *e)
{
	exec_node_of(n)->asks = act ? EXEC_ACT : EXEC_LOOK;
	return act ? ask(n, exec_node_verb(*act), target, EXEC_NODE_ANSWERS_WITHIN_S * BOUND_S, e)
		   : ask(n, "look", target, look_within_ns, e);
}

void exec_node_end_call(struct exec_node *x)
{
	call_free(x->call);
	x->call = NULL;
}

/* --- its program -------------------------------------------------------------------- */

static void forget_program(struct exec_node *x)
{
	program_release(&x->program);
	free(x->path);
	x->path = NULL;
	x->copied = false;
}

static int take_path(struct exec_node *x, char *copy)
{
	if (!copy)
		return -1;
	free(x->path);
	x->path = copy;
	x->copied = true;
	return 0;
}

int exec_node_use_copy(struct node *n, const char *sum, struct err *e)
{
	struct exec_node *x;
	if (!n->own)
		n->own = mem_alloc(sizeof *x);
	x = exec_node_of(n);
	exec_node_end_call(x);
	if (x->copied && strcmp(x->program.sum, sum) == 0)
		return 0;
	forget_program(x);
	snprintf(x->program.sum, sizeof x->program.sum, "%s", sum);
	return take_path(x, program_copied(n->fleet->state, sum, e));
}

/* Acts are done by a copy: whoever undoes them calls the same. */
static enum verdict need_copy(const struct task *t, struct err *e)
{
	struct node *n = t->node;
	struct exec_node *x = exec_node_of(n);
	if (x->copied || !n->current)
		return VERDICT_YES;
	enum verdict kept = task_keep_programs(t, e);
	if (kept == VERDICT_YES && take_path(x, program_copy(n->fleet->state, x->path, x->program.sum, e)))
		return VERDICT_NO;
	return kept;
}

static int begin_describe(struct node *n, struct err *e)
{
	struct exec_node *x = exec_node_of(n);
	const struct node_conf *c = n->conf;
	char *near = NULL;
	x->path = program_find("kinds", c->program, &near);
	if (x->path)
		x->call = program_describe(&x->program, x->path, e);
	else
		err_usage(e, "%s:%d:%d: there is no kind '%s'%s%s%s", n->fleet->config->path,
			  c->program_line, c->program_column, c->program, SUGGESTED(near, ""));
	free(near);
	return x->call ? 0 : -1;
}

static int check_needs(const struct node *n, struct err *e)
{
	const struct node_conf *c = n->conf;
	return program_needs(&exec_node_of(n)->program, e)
		       ? err_prefix(e, "'%s': its kind '%s'", c->name, c->program)
		       : 0;
}

/* Its keys are as it says, if it says so; a copy has been given the same. */
static int check_with(const struct node *n, struct err *e)
{
	const struct node_conf *c = n->conf;
	const struct program *p = &exec_node_of(n)->program;
	char **words = NULL;
	size_t count = 0, alloc = 0;
	if (!json_get(p->described, "params"))
		return 0;
	for (char **w = c->with; *w; w += 2) {
		words = mem_grow(words, &alloc, count, sizeof *words);
		words[count++] = mem_printf("%s=%s", w[0], w[1]);
	}
	struct json *checked = program_params(p, (const char *const *)words, count, e);
	json_free(checked);
	while (count)
		free(words[--count]);
	free(words);
	return checked ? 0
		       : err_prefix(e, "%s:%d:%d: 'with' of '%s'", n->fleet->config->path,
				    c->with_line, c->with_column, c->name);
}

/* --- looking ------------------------------------------------------------------------ */

static void take_describe(struct node *n)
{
	struct exec_node *x = exec_node_of(n);
	int rc = program_described(&x->program, x->call, &x->asking.why) ||
		 check_with(n, &x->asking.why) || check_needs(n, &x->asking.why);
	exec_node_end_call(x);
	if (rc)
		forget_program(x);
}

static enum verdict begin_look(const struct task *t, struct err *e)
{
	struct node *n = t->node;
	struct exec_node *x = exec_node_of(n);
	enum verdict copied = need_copy(t, e);
	if (copied == VERDICT_NO) {
		x->asking.why = *e;
		forget_program(x);
	} else if (copied == VERDICT_YES) {
		exec_node_ask(n, NULL, &n->id, &x->asking.why);
	}
	return copied;
}

static int unknown_state(const struct node *n, const struct call *c, struct err *e)
{
	struct err said = {0};
	call_err(c, &said);
	return err_runtime(e, "'%s': its kind '%s' does not know its state: %.300s", n->conf->name,
			   n->conf->program, said.msg);
}

static void take_state(struct node *n)
{
	struct exec_node *x = exec_node_of(n);
	struct err ignored;
	const struct json *answer = call_code(x->call, &ignored) ? NULL : call_answer(x->call);
	const char *state = json_str(json_get(answer, "look"), "unknown");
	const char *opaque = json_text(answer, "identity");
	x->asking.why = (struct err){0};
	x->asking.state = NODE_DOWN;
	while (x->asking.state < NODE_UNKNOWN && strcmp(node_state_name(x->asking.state), state) != 0)
		x->asking.state++;
	n->id = (struct identity){0};
	memcpy(n->id.sum, x->program.sum, sizeof n->id.sum);
	if (strlen(opaque) >= sizeof n->id.opaque)
		err_runtime(&x->asking.why, "'%s': its identity is longer than 4096 bytes", n->conf->name);
	else
		memcpy(n->id.opaque, opaque, strlen(opaque) + 1);
	if (json_pid(json_get(answer, "pid")) > 1)
		proc_identify(json_pid(json_get(answer, "pid")), &n->id.proc, &ignored);
	if (x->asking.state == NODE_UNKNOWN)
		unknown_state(n, x->call, &x->asking.why);
	exec_node_end_call(x);
}

static void take_ready(struct exec_node *x)
{
	struct err why = {0};
	int code = call_code(x->call, &why);
	x->asking.never = code && code != CODE_NOT_YET;
	x->not_ready[0] = '\0';
	if (code) {
		call_err(x->call, &why);
		snprintf(x->not_ready, sizeof x->not_ready, "%.119s", why.msg);
	}
	exec_node_end_call(x);
}

bool exec_node_take_look(struct node *n, bool serves)
{
	struct exec_node *x = exec_node_of(n);
	if (x->asks == EXEC_READY) {
		take_ready(x);
		return true;
	}
	take_state(n);
	if (!serves || x->asking.state != NODE_UP || x->asking.why.code)
		return true;
	x->asks = EXEC_READY;
	return ask(n, "ready", &n->id, look_within_ns, &x->asking.why);
}

int exec_node_survey_begin(struct task *t, struct err *e)
{
	struct node *n = t->node;
	struct exec_node *x;
	(void)e;
	if (!n->own)
		n->own = mem_alloc(sizeof *x);
	x = exec_node_of(n);
	exec_node_end_call(x);
	x->asking.why = (struct err){0};
	x->asks = EXEC_DESCRIBE;
	int rc = n->conf->program_sum ? exec_node_use_copy(n, n->conf->program_sum, &x->asking.why)
		 : x->path	      ? 0
				      : begin_describe(n, &x->asking.why);
	if (rc)
		forget_program(x);
	return 0;
}

enum verdict exec_node_survey(struct task *t, struct err *e)
{
	struct node *n = t->node;
	struct exec_node *x = exec_node_of(n);
	bool begins = !x->call && x->asks == EXEC_DESCRIBE && !x->asking.why.code;
	if (begins && begin_look(t, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	if (!x->call)
		return VERDICT_YES;
	if (!call_step(x->call)) {
		err_runtime(e, "its kind '%s' has not answered yet", n->conf->program);
		return VERDICT_WAIT;
	}
	if (x->asks == EXEC_DESCRIBE) {
		take_describe(n);
		return x->asking.why.code ? VERDICT_YES : VERDICT_WAIT;
	}
	exec_node_take_look(n, !n->current);
	return x->call ? VERDICT_WAIT : VERDICT_YES;
}

/* --- what is known of it ------------------------------------------------------------ */

bool exec_node_health(const struct node *n, char *why, size_t size)
{
	snprintf(why, size, "%s", exec_node_of(n)->not_ready);
	return why[0] || !n->conf->ready_given;
}

bool exec_node_heals(const struct node *n)
{
	const struct exec_node *x = exec_node_of(n);
	const struct json *ends = x ? json_get(x->program.described, "ends") : NULL;
	return strcmp(json_str(ends, ""), "target") == 0;
}

int exec_node_err_foreign(const struct node *n, struct err *e)
{
	return err_usage(e, "'%s': its kind '%s' says that another server is in its place",
			 n->conf->name, n->conf->program);
}

void exec_node_release(struct node *n)
{
	struct exec_node *x = exec_node_of(n);
	if (x) {
		exec_node_end_call(x);
		forget_program(x);
	}
	free(x);
	n->own = NULL;
}
