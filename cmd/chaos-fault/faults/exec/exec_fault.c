#include "faults/exec/exec_fault.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "faults/exec/exec_about.h"
#include "faults/exec/exec_steps.h"
#include "faults/verb.h"
#include "node/await.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t step_every_ns = NS_PER_MS;

static void forget_programs(struct fleet *f)
{
	for (struct exec_fault *x; (x = f->exec_faults);) {
		f->exec_faults = x->next;
		program_release(&x->program);
		mem_free_texts(x->params, x->param_count);
		free(x->past);
		free(x);
	}
}

static struct exec_fault *known(const struct fleet *f, const char *name)
{
	struct exec_fault *x = f->exec_faults;
	while (x && (x->adopted || strcmp(x->program.name, name) != 0))
		x = x->next;
	return x;
}

static struct exec_fault *add(struct fleet *f, const struct program *p)
{
	struct exec_fault *x = mem_alloc(sizeof *x);
	x->program = *p;
	x->next = f->exec_faults;
	f->exec_faults = x;
	f->forget_programs = forget_programs;
	return x;
}

/* --- loading ------------------------------------------------------------------------ */

bool exec_fault_exists(const char *name)
{
	char *path = verb_find(name) ? NULL : program_find("faults", name, NULL);
	bool exists = path;
	free(path);
	return exists;
}

bool exec_fault_wanted(const struct fleet *f, const char *line, char name[static FAULT_NAME_MAX])
{
	static const char blank[] = " \t\r";
	line += strspn(line, blank);
	if (*line == '@') {
		line += strcspn(line, blank);
		line += strspn(line, blank);
	}
	snprintf(name, FAULT_NAME_MAX, "%.*s", (int)strcspn(line, blank), line);
	return *name && !known(f, name) && exec_fault_exists(name);
}

struct exec_load {
	struct fleet *fleet;
	struct program program;
	struct call *call;
	struct loop_timer *timer;
	void (*done)(void *arg, const struct err *e);
	void *arg;
};

void exec_load_free(struct exec_load *l)
{
	if (!l)
		return;
	loop_timer_free(l->timer);
	call_free(l->call);
	program_release(&l->program);
	free(l);
}

static int take(struct exec_load *l, struct err *e)
{
	if (program_described(&l->program, l->call, e) || exec_about_check(&l->program, e))
		return -1;
	struct exec_fault *x = add(l->fleet, &l->program);
	l->program = (struct program){0};
	exec_steps_fill(x);
	x->verb = verb_of_fault(&x->action);
	return 0;
}

static void step(void *arg)
{
	struct exec_load *l = arg;
	struct err e = {0};
	if (!call_step(l->call)) {
		loop_timer_at(l->timer, mono_ns() + step_every_ns);
		return;
	}
	int rc = take(l, &e);
	l->done(l->arg, rc ? &e : NULL);
}

static struct exec_load *begin(struct fleet *f, const char *name, struct err *e)
{
	struct exec_load *l = mem_alloc(sizeof *l);
	char *path = program_find("faults", name, NULL);
	l->fleet = f;
	if (path)
		l->call = program_describe(&l->program, path, e);
	else
		err_usage(e, "there is no fault '%s' any more", name);
	free(path);
	if (l->call)
		return l;
	exec_load_free(l);
	return NULL;
}

struct exec_load *exec_load_new(struct fleet *f, const char *name,
				void (*done)(void *arg, const struct err *e), void *arg,
				struct err *e)
{
	struct exec_load *l = begin(f, name, e);
	if (!l)
		return NULL;
	l->done = done;
	l->arg = arg;
	l->timer = loop_timer_new(f->loop, step, l, e);
	if (!l->timer) {
		exec_load_free(l);
		return NULL;
	}
	loop_timer_at(l->timer, 0);
	return l;
}

int exec_fault_load(struct fleet *f, const char *name, struct err *e)
{
	if (known(f, name) || !exec_fault_exists(name))
		return 0;
	struct exec_load *l = begin(f, name, e);
	int rc = !l || await(NULL, call_step, l->call, e) || take(l, e) ? -1 : 0;
	exec_load_free(l);
	return rc;
}

/* --- looking up --------------------------------------------------------------------- */

const struct verb *exec_fault_verb(const struct fleet *f, const char *name, struct err *e)
{
	const struct exec_fault *x = known(f, name);
	const char *near = NULL;
	if (x)
		return &x->verb;
	const struct verb *v = verb_need(name, &near, e);
	if (!v)
		exec_fault_nearest(name, near, e);
	return v;
}

void exec_fault_nearest(const char *name, const char *near, struct err *e)
{
	char *nearest = mem_strdup(near);
	free(program_find("faults", name, &nearest));
	if (nearest)
		err_usage(e, "unknown command '%s'; did you mean '%s'?", name, nearest);
	err_unknown(e, "command", nearest);
	free(nearest);
}

int exec_fault_params(struct fleet *f, const struct verb *v, const char *const *words, size_t count,
		      const char **out, struct err *e)
{
	struct exec_fault *x = known(f, v->name);
	struct buf text = BUF_INIT;
	*out = NULL;
	for (size_t i = 0; i < count && !x; i++)
		if (strchr(words[i], '='))
			return err_usage(e, "%s takes no parameters: '%s'", v->name, words[i]);
	if (!x)
		return 0;
	struct json *params = program_params(&x->program, words, count, e);
	if (!params)
		return -1;
	json_write(params, false, &text);
	json_free(params);
	if (text.len >= JOURNAL_TEXT_MAX) {
		buf_release(&text);
		return err_usage(e, "%s: its parameters are longer than %d bytes", v->name,
				 JOURNAL_TEXT_MAX - 1);
	}
	x->params = mem_realloc(x->params, x->param_count + 1, sizeof *x->params);
	*out = x->params[x->param_count++] = buf_detach(&text);
	return 0;
}

struct json *exec_fault_spans(const struct fleet *f, const char *name, const char *params)
{
	struct exec_fault *x = known(f, name);
	struct err ignored;
	struct json *all = x && params ? json_parse(params, strlen(params), name, &ignored) : NULL;
	struct json *spans = all ? program_spans(&x->program, all) : NULL;
	json_free(all);
	return spans;
}

const struct action *exec_fault_of(struct fleet *f, const struct journal_entry *j)
{
	if (!j->program.path[0])
		return action_find(j->action);
	struct program p = {.name = mem_strdup(j->action), .path = mem_strdup(j->program.path)};
	memcpy(p.sum, j->program.sum, sizeof p.sum);
	struct exec_fault *x = add(f, &p);
	x->adopted = true;
	exec_steps_fill(x);
	x->action.effect = j->degraded ? EFFECT_DEGRADED : EFFECT_SILENT;
	x->action.node_down = j->program.node_down;
	exec_steps_bound(x, j->program.revert_within_ns);
	return &x->action;
}
