#include "faults/exec_steps.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "faults/exec_about.h"
#include "faults/fault.h"
#include "faults/question.h"
#include "node/await.h"
#include "seam.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CODE_YES = 0, CODE_REFUSED = 2, CODE_NOT_YET = 75 };

static const int64_t ask_again_ns = 20 * NS_PER_MS;
static const int64_t try_again_ns = 500 * NS_PER_MS;

static const struct exec_fault *exec_of(const struct action *a)
{
	return (const struct exec_fault *)(const void *)a;
}

/* --- asking ------------------------------------------------------------------------- */

/* From the copy of the program; all that it starts has the entry open and locked, by which whoever
 * comes later knows that it has not ended. */
static int ask(struct task *t, const char *verb, int64_t within_ns, struct err *e)
{
	struct fault *f = t->fault;
	const char *state = t->node->fleet->state;
	char *copy = program_copied(state, f->entry.program.sum, e);
	int lock = copy ? journal_lock(state, &f->entry, e) : -1;
	if (lock >= 0) {
		struct json *j = question_new(f->action->name, t->node, &f->entry.target,
					  f->entry.program.params, f->entry.program.state);
		json_set_str(j, "fault", f->entry.uid);
		if (t->node->current && t->node->current->for_ns > 0)
			json_set_num(j, "for_s", ns_to_s(t->node->current->for_ns));
		crash_point();
		t->call = call_new(copy, verb, j, within_ns, lock, e);
		crash_point();
		json_free(j);
		close(lock);
	}
	free(copy);
	if (!t->call)
		return -1;
	struct proc_id process = call_process(t->call);
	f->entry.call = process;
	journal_note_process(state, t->node->fleet->kept, &f->entry, "call", &process);
	return 0;
}

/* VERDICT_YES when the call is over, with its code. */
static enum verdict answered(struct task *t, int *code, struct err *e)
{
	if (!call_step(t->call)) {
		err_runtime(e, "its program has not answered yet");
		return VERDICT_WAIT;
	}
	crash_point();
	*code = call_code(t->call, e);
	if (*code != CODE_YES)
		call_err(t->call, e);
	return VERDICT_YES;
}

static void drop_call(struct task *t)
{
	call_free(t->call);
	t->call = NULL;
}

/* --- plan --------------------------------------------------------------------------- */

static int exec_prepare(struct task *t, struct err *e)
{
	struct fault *f = t->fault;
	const struct exec_fault *x = exec_of(f->action);
	struct journal_program *p = &f->entry.program;
	struct fleet *fleet = t->node->fleet;
	char *copy = program_copy(fleet->state, &fleet->programs_held, x->program.path,
				  x->program.sum, e);
	if (!copy)
		return -1;
	memcpy(p->sum, x->program.sum, sizeof p->sum);
	p->revert_within_ns = x->revert_within_ns;
	p->node_down = x->action.node_down;
	int rc = journal_put(p->path, sizeof p->path, x->program.path, "program's path", e) ||
				 journal_put(p->params, sizeof p->params, t->node->current->params,
					     "parameters", e)
			 ? -1
			 : 0;
	struct json *j = question_new(f->action->name, t->node, &f->entry.target, p->params, "");
	if (!rc)
		t->call = call_new(copy, "plan", j, x->inject_within_ns, -1, e);
	json_free(j);
	free(copy);
	return t->call ? 0 : -1;
}

static int keep_state(struct journal_program *p, const struct json *answer, struct err *e)
{
	const struct json *state = json_get(answer, "state");
	struct buf text = BUF_INIT;
	if (state)
		json_write(state, false, &text);
	int rc = journal_put(p->state, sizeof p->state, text.data, "state", e);
	buf_release(&text);
	return rc;
}

static enum verdict exec_prepared(struct task *t, struct err *e)
{
	int code;
	if (answered(t, &code, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	if (code == CODE_YES)
		return keep_state(&t->fault->entry.program, call_answer(t->call), e) ? VERDICT_NO
										     : VERDICT_YES;
	e->code = code == CODE_REFUSED ? EXIT_USAGE : EXIT_RUNTIME;
	return VERDICT_NO;
}

/* --- inject, revert ----------------------------------------------------------------- */

static int exec_inject(struct task *t, struct err *e)
{
	return ask(t, "inject", exec_of(t->fault->action)->inject_within_ns, e);
}

static enum verdict exec_verify(struct task *t, struct err *e)
{
	int code, rc = 0;
	if (!t->call && mono_ns() >= t->again_ns)
		rc = ask(t, "verify", exec_of(t->fault->action)->inject_within_ns, e);
	if (!t->call) {
		if (!rc)
			err_runtime(e, "its program says that it is not there yet");
		return rc ? VERDICT_NO : VERDICT_WAIT;
	}
	if (answered(t, &code, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	if (code != CODE_YES && !(t->checking && code == CODE_NOT_YET))
		return VERDICT_NO;
	drop_call(t);
	if (t->checking && code == CODE_YES)
		return VERDICT_YES;
	t->again_ns = t->checking ? mono_ns() + ask_again_ns : 0;
	t->checking = true;
	return VERDICT_WAIT;
}

/* What an earlier call has started, by whoever died over it, is ended before anything is undone: it
 * still has the entry locked, so that its process group is its own. */
static enum verdict begin_call(struct task *t, struct err *e)
{
	const struct exec_fault *x = exec_of(t->fault->action);
	const struct proc_id *earlier = &t->fault->entry.call;
	if (ask(t, t->checking ? "verify-reverted" : "revert", x->revert_within_ns, e) == 0)
		return VERDICT_WAIT;
	if (e->sys_errno == EAGAIN && earlier->pid > 1)
		kill(-earlier->pid, SIGKILL);
	snprintf(t->reason, sizeof t->reason, "%.239s", e->msg);
	t->again_ns = mono_ns() + (e->sys_errno == EAGAIN ? ask_again_ns : try_again_ns);
	return VERDICT_WAIT;
}

/* What cannot be undone, or is not seen to be, is tried again until the bound. */
static enum verdict exec_reverted(struct task *t, struct err *e)
{
	int code;
	if (t->probe || (t->checking && t->launch))
		return node_ask_ready(t, e);
	if (!t->call) {
		err_runtime(e, "%s", t->reason[0] ? t->reason : "its program has not undone it");
		return mono_ns() < t->again_ns ? VERDICT_WAIT : begin_call(t, e);
	}
	if (answered(t, &code, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	drop_call(t);
	if (code != CODE_YES)
		snprintf(t->reason, sizeof t->reason, "%.239s", e->msg);
	if (code == CODE_YES && t->checking) {
		t->launch = t->undo.node_down;
		return t->launch ? VERDICT_WAIT : VERDICT_YES;
	}
	t->again_ns = code == CODE_YES ? 0
		      : t->checking    ? mono_ns() + ask_again_ns
				       : mono_ns() + try_again_ns;
	t->checking = code == CODE_YES || (t->checking && code == CODE_NOT_YET);
	return VERDICT_WAIT;
}

/* --- the action --------------------------------------------------------------------- */

/* A degraded node may be broken further, and one that is down may be degraded. */
static int exec_plan(struct node *n, struct err *e)
{
	return fault_in_way(n, NULL) ? 0 : action_pause.plan(n, e);
}

static void add_words(struct buf *out, const struct json *words, const char *otherwise)
{
	for (size_t i = 0; i < json_count(words); i++)
		buf_addf(out, "%s%s", i ? "; " : "", json_str(json_at(words, i), ""));
	if (!json_count(words))
		buf_addstr(out, otherwise);
}

static int exec_takes(const struct action *a, const struct node *n, struct err *e)
{
	return exec_about_takes(&exec_of(a)->program, n, e);
}

static int exec_able(const struct action *a, struct err *e)
{
	return exec_about_able(&exec_of(a)->program, e);
}

static int exec_tell(const struct action *a, struct node *n, const char *params,
		     struct action_words *out, struct err *e)
{
	const struct exec_fault *x = exec_of(a);
	if (exec_able(a, e))
		return -1;
	struct json *j = question_new(a->name, n, &n->id, params, "");
	struct call *c = call_new(x->program.path, "plan", j, x->inject_within_ns, -1, e);
	int rc = c ? await(NULL, call_step, c, e) : -1;
	json_free(j);
	if (!rc && call_code(c, e) != CODE_YES)
		rc = call_err(c, e);
	const struct json *answer = rc ? NULL : call_answer(c);
	add_words(&out->does, json_get(answer, "does"), "what its program does");
	add_words(&out->seen, json_get(answer, "verifies"), "its program says so");
	add_words(&out->undo, json_get(answer, "undoes"), "what its program undoes");
	buf_addstr(&out->undo_seen, "its program says so");
	call_free(c);
	return rc;
}

void exec_steps_bound(struct exec_fault *x, int64_t revert_within_ns)
{
	x->revert_within_ns = revert_within_ns;
	x->action.reverted_within_ns = 2 * revert_within_ns + NS_PER_S;
}

void exec_steps_fill(struct exec_fault *x)
{
	const struct json *d = x->program.described;
	const char *effect = json_str(json_get(d, "effect"), "degraded");
	double inject_s = json_num(json_get(d, "within_s.inject"), 10);
	x->past = mem_strdup(json_str(json_get(d, "past"), "broke"));
	x->inject_within_ns = s_to_ns(inject_s);
	x->action = (struct action){
		.name = x->program.name,
		.past = x->past,
		.uid_prefix = 'f',
		.effect = strcmp(effect, "silent") == 0	    ? EFFECT_SILENT
			  : strcmp(effect, "degraded") == 0 ? EFFECT_DEGRADED
							    : EFFECT_NONE,
		.node_down = json_bool(json_get(d, "node_down"), false),
		.prepare = {exec_prepare, exec_prepared},
		.tell = exec_tell,
		.takes = exec_takes,
		.able = exec_able,
		.plan = exec_plan,
		.inject = {exec_inject, exec_verify},
		.verify_within_ns = 2 * x->inject_within_ns + NS_PER_S,
		.revert = TASK_LOOK(exec_reverted),
	};
	exec_steps_bound(x, s_to_ns(json_num(json_get(d, "within_s.revert"), 10)));
}
