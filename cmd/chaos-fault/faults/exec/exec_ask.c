#include "faults/exec/exec_ask.h"

#include "base/units.h"
#include "faults/action.h"
#include "faults/fault.h"
#include "faults/question.h"
#include "journal/journal.h"
#include "programs/call.h"
#include "programs/program.h"
#include "seam.h"

#include <stdlib.h>
#include <unistd.h>

struct json *exec_question(const struct task *t, const struct identity *who)
{
	const struct journal_entry *j = &t->fault->entry;
	const struct work *w = t->node->current;
	const struct journal_program *p = &j->program;
	struct json *ask = question_new(t->fault->action->name, t->node, who, p->params, p->state);
	json_set_str(ask, "fault", j->uid);
	if (w && w->for_ns > 0)
		json_set_num(ask, "for_s", ns_to_s(w->for_ns));
	return ask;
}

int exec_ask(struct task *t, const char *verb, const struct identity *who, int64_t within_ns, struct err *e)
{
	struct fault *f = t->fault;
	const char *state = t->node->fleet->state;
	char *copy = program_copied(state, f->entry.program.sum, e);
	int lock = copy ? journal_lock(state, &f->entry, e) : -1;
	if (lock >= 0) {
		struct json *j = exec_question(t, who);
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
	journal_note_process(state, t->node->fleet->kept, &f->entry, "call", &process, e);
	return 0;
}

enum verdict exec_answered(struct task *t, int *code, struct err *e)
{
	if (!call_step(t->call)) {
		err_runtime(e, "its program has not answered yet");
		return VERDICT_WAIT;
	}
	crash_point();
	*code = call_code(t->call, e);
	if (*code != 0)
		call_err(t->call, e);
	return VERDICT_YES;
}

void exec_drop_call(struct task *t)
{
	call_free(t->call);
	t->call = NULL;
}
