#include "faults/exec/exec_steps.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/field.h"
#include "base/units.h"
#include "events/emit.h"
#include "faults/exec/exec_about.h"
#include "faults/exec/exec_ask.h"
#include "faults/exec/exec_target.h"
#include "faults/fault.h"
#include "faults/present.h"
#include "faults/question.h"
#include "faults/through.h"
#include "node/await.h"
#include "seam.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_YES = 0, CODE_REFUSED = 2, CODE_NOT_YET = 75 };

static const int64_t ask_again_ns = 20 * NS_PER_MS, try_again_ns = 500 * NS_PER_MS;

static const struct exec_fault *exec_of(const struct action *a)
{
	return (const struct exec_fault *)(const void *)a;
}

/* --- a program that is held ------------------------------------------------------------ */

static char *mark_of(const struct task *t)
{
	return mem_printf("CHAOS_FAULT_HOLD=%s/%s", t->node->fleet->state, t->fault->entry.uid);
}

/* Before it becomes the program: one that nobody knows of must not run. */
static int note_holder(void *arg, const struct proc_id *id, struct err *e)
{
	struct task *t = arg;
	const struct fleet *f = t->node->fleet;
	t->fault->entry.holder = *id;
	crash_point();
	return journal_note_process(f->state, f->kept, &t->fault->entry, "holder", id, e);
}

static int start_holder(struct task *t, struct err *e)
{
	const struct journal_entry *j = &t->fault->entry;
	char *copy = program_copied(t->node->fleet->state, j->program.sum, e), *mark = mark_of(t);
	struct json *ask = exec_question(t, &t->fault->entry.target);
	int rc = copy ? call_hold(copy, ask, mark, note_holder, t, e) : -1;
	crash_point();
	json_free(ask);
	free(copy);
	free(mark);
	return rc;
}

/* With all that it has started. One that has gone by itself, without the death of its owner, was
 * ended by something other than chaos-fault. */
static bool holder_ended(struct task *t)
{
	const struct fault *f = t->fault;
	const struct proc_id *holder = &f->entry.holder;
	struct err ignored;
	if (!holder->pid || strcmp(f->entry.world, t->node->fleet->world) != 0)
		return true;
	bool alive = proc_alive(holder), ended = false;
	if (!t->polite)
		ended = !alive && f->injected_ns && !f->adopted && !f->died_by_us;
	if (ended)
		snprintf(t->note, sizeof t->note, "the process that was to hold it had ended");
	t->by_other |= ended;
	t->polite = true; /* it has been looked at */
	char *mark = mark_of(t);
	size_t family = proc_signal_family(holder, mark, SIGKILL);
	free(mark);
	t->acted |= alive;
	if (alive)
		proc_signal_group(holder, SIGKILL, &ignored);
	return !alive && !family;
}

/* --- plan --------------------------------------------------------------------------- */

static int begin_plan(struct task *t, struct err *e)
{
	struct fault *f = t->fault;
	const struct exec_fault *x = exec_of(f->action);
	struct journal_program *p = &f->entry.program;
	char *copy = exec_about_copy(&x->program, t->node, p->sum, &p->through, e);
	if (!copy)
		return -1;
	p->revert_within_ns = x->revert_within_ns;
	p->node_down = x->action.node_down;
	int rc = field_put(p->path, sizeof p->path, x->program.path, "program's path", e) ||
		 field_put(p->params, sizeof p->params, t->node->current->params, "parameters", e);
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
	int rc = field_put(p->state, sizeof p->state, text.data, "state", e);
	buf_release(&text);
	return rc;
}

static enum verdict exec_prepared(struct task *t, struct err *e)
{
	int code;
	enum verdict kept = t->call ? VERDICT_YES : task_keep_programs(t, e);
	if (kept != VERDICT_YES)
		return kept;
	if (!t->call && begin_plan(t, e))
		return VERDICT_NO;
	if (exec_answered(t, &code, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	if (code == CODE_YES)
		return keep_state(&t->fault->entry.program, call_answer(t->call), e) ? VERDICT_NO : VERDICT_YES;
	e->code = code == CODE_REFUSED ? EXIT_USAGE : EXIT_RUNTIME;
	return VERDICT_NO;
}

/* --- inject, revert ----------------------------------------------------------------- */

static int exec_inject(struct task *t, struct err *e)
{
	const struct exec_fault *x = exec_of(t->fault->action);
	t->target = t->fault->entry.target;
	through_begin(t->fault);
	return x->holds ? start_holder(t, e) : exec_ask(t, "inject", &t->fault->entry.target, x->inject_within_ns, e);
}

static enum verdict exec_verify(struct task *t, struct err *e)
{
	int code, rc = 0;
	const struct exec_fault *x = exec_of(t->fault->action);
	if (x->holds && !proc_alive(&t->fault->entry.holder)) {
		err_runtime(e, "the program that holds the fault has ended");
		return VERDICT_NO;
	}
	t->checking |= x->holds;
	if (!t->call && mono_ns() >= t->again_ns)
		rc = exec_ask(t, "verify", &t->fault->entry.target, x->inject_within_ns, e);
	if (!t->call) {
		if (!rc)
			err_runtime(e, "its program reports that the fault is not active yet");
		return rc ? VERDICT_NO : VERDICT_WAIT;
	}
	if (exec_answered(t, &code, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	if (code != CODE_YES && !(t->checking && code == CODE_NOT_YET))
		return VERDICT_NO;
	exec_drop_call(t);
	if (t->checking && code == CODE_YES)
		return VERDICT_YES;
	t->again_ns = t->checking ? mono_ns() + ask_again_ns : 0;
	t->checking = true;
	return VERDICT_WAIT;
}

/* What an earlier call has started, by whoever died over it, is ended before anything is undone: it still has the entry
 * locked. A number that a process of another start has is not its group's; then it is waited for. */
static enum verdict begin_call(struct task *t, struct err *e)
{
	const struct exec_fault *x = exec_of(t->fault->action);
	const struct proc_id *earlier = &t->fault->entry.call;
	if (exec_ask(t, t->checking ? "verify-reverted" : "revert", &t->fault->entry.target, x->revert_within_ns, e) == 0)
		return VERDICT_WAIT;
	bool own = proc_state(earlier) || (kill(earlier->pid, 0) && errno == ESRCH);
	if (e->sys_errno == EAGAIN && earlier->pid > 1 && own)
		kill(-earlier->pid, SIGKILL);
	snprintf(t->reason, sizeof t->reason, "%.239s", e->msg);
	t->again_ns = mono_ns() + (e->sys_errno == EAGAIN ? ask_again_ns : try_again_ns);
	return VERDICT_WAIT;
}

/* Its undo is done: a node that was down must be ready, one that was silent must answer. */
static enum verdict seen_by_users(struct task *t, struct err *e)
{
	const struct step *start = &t->node->kind->steps[ACT_START];
	bool (*removed)(struct task *, struct err *) = t->node->kind->removed;
	t->launch = t->undo.unfinished = false; /* its program has ended what might come */
	bool answers = !t->undo.node_down && node_ask_answers(t, e) == VERDICT_YES;
	if (!t->undo.node_down)
		return answers ? VERDICT_YES : removed && removed(t, e) ? VERDICT_NO : VERDICT_WAIT;
	if (!t->undo.heals || !start->look)
		return node_ask_ready(t, e);
	t->look = start->look; /* what has not healed is started */
	t->polite = t->by_other = false;
	return start->begin(t, e) ? VERDICT_NO : VERDICT_WAIT;
}

/* The target is to heal itself before anything is restored. */
static enum verdict await_healing(struct task *t, struct err *e)
{
	int code = CODE_NOT_YET;
	bool over = !task_may_heal(t);
	if (!over && !t->call) {
		err_runtime(e, "it has not healed by itself yet");
		t->checking = true;
		return mono_ns() < t->again_ns ? VERDICT_WAIT : begin_call(t, e);
	}
	if (!over && exec_answered(t, &code, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	exec_drop_call(t);
	t->again_ns = mono_ns() + ask_again_ns;
	if (!over && code != CODE_YES)
		return VERDICT_WAIT;
	t->healed_ns = over ? 0 : mono_ns();
	t->checking = false;
	t->again_ns = 0;
	t->awaited = true;
	return VERDICT_WAIT;
}

/* What cannot be undone, or is not seen to be, is tried again until the bound. */
static enum verdict exec_reverted(struct task *t, struct err *e)
{
	int code;
	bool shows = t->undo.node_down || t->fault->action->effect == EFFECT_SILENT;
	if (through_wait(t, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	if (t->undo.heals && !t->awaited)
		return await_healing(t, e);
	if (exec_target_look(t, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	if (t->undone)
		return seen_by_users(t, e);
	if (!t->call) {
		err_runtime(e, "%s", t->reason[0] ? t->reason : "its program has not undone it");
		if (mono_ns() < t->again_ns)
			return VERDICT_WAIT;
		if (t->checking || holder_ended(t))
			return begin_call(t, e);
		t->again_ns = mono_ns() + ask_again_ns;
		return VERDICT_WAIT;
	}
	if (exec_answered(t, &code, e) == VERDICT_WAIT)
		return VERDICT_WAIT;
	if (!t->checking)
		exec_about_found(call_answer(t->call), &t->fault->found);
	exec_drop_call(t);
	if (code != CODE_YES)
		snprintf(t->reason, sizeof t->reason, "%.239s", e->msg);
	if (code == CODE_YES && t->checking) {
		t->undone = shows;
		return shows ? VERDICT_WAIT : VERDICT_YES;
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
	return fault_in_way(n, NULL) ? 0 : action_plan_running(n, e);
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

static int exec_able(const struct action *a, const struct node *n, struct err *e)
{
	return exec_about_able(&exec_of(a)->program, n, e);
}

static int exec_tell(const struct action *a, struct node *n, const char *params,
		     struct action_words *out, struct err *e)
{
	const struct exec_fault *x = exec_of(a);
	if (exec_able(a, n, e))
		return -1;
	char *path = exec_about_path(&x->program, n);
	struct json *j = question_new(a->name, n, &n->id, params, "");
	struct call *c = call_new(path, "plan", j, x->inject_within_ns, -1, e);
	free(path);
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
	const char *effect = json_str(json_get(d, "effect"), action_effect_name(EFFECT_DEGRADED));
	double inject_s = json_num(json_get(d, "within_s.inject"), 10);
	x->past = mem_strdup(json_str(json_get(d, "past"), "broke"));
	x->inject_within_ns = s_to_ns(inject_s);
	x->action = (struct action){
		.name = x->program.name,
		.past = x->past,
		.uid_prefix = 'f',
		.effect = (enum action_effect)action_effect_of(effect),
		.node_down = json_bool(json_get(d, "node_down"), false),
		.prepare = TASK_LOOK(exec_prepared),
		.tell = exec_tell,
		.takes = exec_takes,
		.able = exec_able,
		.plan = exec_plan,
		.inject = {exec_inject, exec_verify},
		.verify_within_ns = 2 * x->inject_within_ns + NS_PER_S,
		.revert = TASK_LOOK(exec_reverted),
		.ends_target = strcmp(json_text(d, "ends"), "target") == 0,
	};
	x->holds = json_bool(json_get(d, "holds"), false);
	exec_steps_bound(x, s_to_ns(json_num(json_get(d, "within_s.revert"), 10)));
}
