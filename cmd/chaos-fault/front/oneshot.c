#include "front/oneshot.h"

#include "base/buf.h"
#include "base/clock.h"
#include "faults/exec/exec_fault.h"
#include "faults/held.h"
#include "faults/select.h"
#include "faults/choice.h"
#include "cli/diag.h"
#include "front/dryrun.h"
#include "faults/fault.h"
#include "events/interrupt.h"
#include "node/await.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct oneshot {
	struct fleet *fleet;
	const struct verb *verb;
	const char *params; /* of a fault that is a program, or NULL */
	int signo;
	bool ending;
	struct loop_fd *asker; /* watches for its end, or NULL */
};

/* --- which nodes --------------------------------------------------------------- */

static int none_there(const struct fleet *f, const struct options *o, struct err *e)
{
	if (!f->count && !f->config->path)
		return err_usage(
			e, "there are no nodes: no ./config.yaml here; name one with --config");
	return err_usage(e, "'%s' names no%s%s nodes that can be started", f->config->path,
			 o->mode ? " " : "", o->mode ? o->mode : "");
}

/* Refuses what is written so in a session alone. */
static int tail_word(const struct fleet *f, const struct cli_rest *rest, int i, struct err *e)
{
	const char *word = rest->items[i], *next = i + 1 < rest->count ? rest->items[i + 1] : NULL;
	if ((strcmp(word, "for") != 0 && strcmp(word, "pick") != 0) || config_node(f->config, word))
		return 0;
	return err_usage(e, "unknown node '%s'; did you mean '--%s%s%s'?", word, word, next ? " " : "", next ? next : "");
}

int oneshot_nodes(struct fleet *f, const struct options *o, const struct cli_rest *rest,
		  bool ours_only, struct node ***out, struct err *e)
{
	struct node **nodes = mem_alloc((f->count + 1) * sizeof(*nodes));
	size_t count = 0;
	for (int i = 1; i < rest->count; i++) {
		if (strchr(rest->items[i], '='))
			continue;
		if (tail_word(f, rest, i, e) || select_named(f, rest->items[i], nodes, &count, f->count, e)) {
			free(nodes);
			return -1;
		}
	}
	bool all = !count;
	for (size_t i = 0; all && i < f->count; i++) {
		struct node *n = &f->nodes[i];
		if (config_lives_on(n->conf, f->there) && (!o->mode || strcmp(o->mode, conf_mode_name(n->conf->mode)) == 0) &&
		    (!ours_only || n->kind->ours))
			nodes[count++] = n;
	}
	*out = nodes;
	if (count)
		return (int)count;
	free(nodes);
	*out = NULL;
	return none_there(f, o, e);
}

/* Chooses and checks the nodes before anything is touched. Returns their number, or -1. */
static int choose(struct fleet *f, const struct options *o, const struct cli_rest *rest,
		  const struct verb *v, struct node ***nodes, struct err *e)
{
	int named = oneshot_nodes(f, o, rest, true, nodes, e);
	if (named < 0)
		return -1;
	struct choice c = {.work = {.verb = v, .stay = o->stay_down,
				    .detach = o->detach,
				    .for_ns = o->for_ns,
				    .requested_ns = mono_ns()},
			   .pick = o->pick,
			   .beforehand = true,
			   .dry_run = o->dry_run};
	choice_begin(&c, f, *nodes, (size_t)named);
	int rc = await(f->loop, choice_step, &c, e);
	if (!rc && c.why.code) {
		*e = c.why;
		rc = -1;
	}
	memcpy(*nodes, c.nodes, c.count * sizeof(**nodes));
	named = (int)c.count;
	choice_release(&c);
	return rc ? -1 : named;
}

/* --- doing it ------------------------------------------------------------------ */

static void idle(void *arg)
{
	struct oneshot *s = arg;
	if (s->ending || !held_any(s->fleet))
		loop_stop(s->fleet->loop);
}

static void put_back(struct oneshot *s, const char *why)
{
	s->ending = true;
	queue_drop(s->fleet);
	held_revert_all(s->fleet, why);
	if (!s->fleet->busy)
		loop_stop(s->fleet->loop);
}

static void interrupted(void *arg, int signo)
{
	struct oneshot *s = arg;
	bool again = s->signo != 0;
	s->signo = signo;
	if (again && s->verb->action)
		diag("still reverting the faults; wait");
	else if (s->verb->action)
		put_back(s, "signal");
	else if (again || strcmp(s->verb->name, "restart") != 0) {
		diag("interrupted; nodes already started stay up: 'chaos-fault ls' lists them");
		loop_stop(s->fleet->loop);
	} else
		diag("the restart goes on to its end; Ctrl-C again leaves the node as it is");
}

static void stdout_gone(void *arg)
{
	struct oneshot *s = arg;
	if (s->verb->action && !s->ending)
		put_back(s, "standard output was closed");
}

/* The link to whoever asks from another machine, or the chaos-fault that asks for several, is gone. */
static void asker_gone(void *arg, int events)
{
	struct oneshot *s = arg;
	char ignored[64];
	(void)events;
	if (read(STDIN_FILENO, ignored, sizeof ignored) > 0)
		return;
	loop_fd_set(s->asker, 0);
	interrupted(s, SIGHUP);
}

/* Nodes that are started stay up; a fault must not outlast who asked for it. */
static int watch_asker(struct oneshot *s, const struct options *o, struct err *e)
{
	if (!s->verb->action || (!o->there && !o->here))
		return 0;
	s->asker = loop_fd_new(s->fleet->loop, STDIN_FILENO, asker_gone, s, e);
	return s->asker ? loop_fd_set(s->asker, LOOP_READ) : -1;
}

static void submit(struct oneshot *s, const struct options *o, struct node **nodes, int count)
{
	int64_t now = mono_ns();
	for (int i = 0; i < count; i++)
		queue_submit(nodes[i], &(struct work){.verb = s->verb,
						      .for_ns = o->for_ns,
						      .stay = o->stay_down,
						      .detach = o->detach,
						      .signal = o->signal,
						      .params = s->params,
						      .requested_ns = now});
}

static int find_verb(struct oneshot *s, const struct cli_rest *rest, struct err *e)
{
	if (exec_fault_load(s->fleet, rest->items[0], e))
		return -1;
	s->verb = exec_fault_verb(s->fleet, rest->items[0], e);
	return s->verb ? exec_fault_params(s->fleet, s->verb, (const char *const *)rest->items,
					   (size_t)rest->count, &s->params, e)
		       : -1;
}

static int check_detach(const struct fleet *f, const struct options *o, struct err *e)
{
	if (o->detach && o->for_ns < 0 && !f->config->fault_deadline_ns)
		return err_usage(e, "--detach needs an end: --for D, or 'faults: deadline' in the "
				    "config");
	return 0;
}

int oneshot_run(struct fleet *f, struct emitter *r, const struct options *o,
		const struct cli_rest *rest)
{
	struct oneshot s = {.fleet = f};
	struct interrupt signals = {0};
	struct node **nodes = NULL;
	struct err e = {0};
	int count = find_verb(&s, rest, &e) ? -1 : choose(f, o, rest, s.verb, &nodes, &e);
	r->on_gone = stdout_gone;
	r->arg = &s;
	f->on_idle = idle;
	f->idle_arg = &s;
	if (o->dry_run) {
		r->code = count < 0 || check_detach(f, o, &e)
				  ? diag_err(&e)
				  : dryrun_nodes(s.verb, s.params, nodes, (size_t)count, o);
		free(nodes);
		return r->code;
	}
	bool ready = count >= 0 && check_detach(f, o, &e) == 0;
	if (ready)
		interrupt_block();
	if (!ready ||
	    (s.verb->action && !o->stay_down && held_start_guard(f, &e)) ||
	    interrupt_init(&signals, f->loop, interrupted, &s, &e) || watch_asker(&s, o, &e)) {
		r->code = diag_err(&e);
	} else {
		/* So that idle is not called before the last node has been submitted. */
		f->busy++;
		submit(&s, o, nodes, count);
		if (--f->busy || held_any(f))
			loop_run(f->loop);
	}
	interrupt_release(&signals);
	loop_fd_free(s.asker);
	free(nodes);
	if (s.signo)
		r->code = exit_worse(r->code, 128 + s.signo);
	return r->code;
}
