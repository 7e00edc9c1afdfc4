#include "front/session.h"

#include "base/buf.h"
#include "base/clock.h"
#include "faults/exec/exec_fault.h"
#include "faults/external_check.h"
#include "faults/held.h"
#include "cli/diag.h"
#include "faults/present.h"
#include "front/input.h"
#include "front/pending.h"
#include "events/interrupt.h"
#include "node/survey.h"
#include "front/agenda.h"
#include "front/bring_up.h"
#include "front/describing.h"
#include "front/rehearsal.h"
#include "front/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In this order; each ends when no work is under way. */
enum stage {
	STAGE_BRINGING_UP,
	STAGE_OPEN,	    /* commands are taken */
	STAGE_REVERTING,    /* faults are undone */
	STAGE_PUTTING_DOWN, /* nodes that the session brought up are stopped */
};

struct session {
	struct fleet *fleet;
	struct emitter *emitter;
	int64_t span_ns; /* until the deadline, or negative */
	struct input input;
	struct agenda agenda;
	struct pending pending;
	struct proxy_watch watch;
	enum stage stage;
	struct describing describing;
	const char *why;	/* it ends; NULL until then */
	size_t too_early;	/* commands: their input had ended before the session began */
	bool input_ended, idle_asked, relayed;
	int signo;
};

static void advance(void *session);

/* Counts from the session's start; for nodes that are still being brought up it is later by the
 * time that they may take to be ready. */
static void set_deadline(struct session *s)
{
	s->fleet->deadline_ns = s->span_ns >= 0 ? mono_ns() + s->span_ns : 0;
}

/* --- the end ------------------------------------------------------------------- */

static void put_down_all(struct session *s)
{
	struct fleet *f = s->fleet;
	for (size_t i = f->count; i-- > 0;)
		if (f->nodes[i].brought_up)
			queue_submit(&f->nodes[i], &(struct work){.verb = &verb_put_down, .for_ns = -1, .why = s->why,
								  .requested_ns = mono_ns()});
}

static void end_session(struct session *s, const char *why)
{
	char text[120];
	if (s->why)
		return;
	s->why = why;
	watch_end(&s->watch);
	input_stop(&s->input);
	size_t unchosen = pending_drop(&s->pending, NULL);
	s->fleet->busy -= unchosen;
	size_t dropped = s->too_early + unchosen + agenda_drop(&s->agenda) + queue_drop(s->fleet);
	if (dropped) {
		snprintf(text, sizeof text, "%s: %zu command%s not begun %s dropped", why, dropped,
			 dropped == 1 ? "" : "s", dropped == 1 ? "is" : "are");
		emit_warning(s->emitter, NULL, text);
	}
	s->stage = STAGE_REVERTING;
	s->fleet->busy++; /* the stage ends when all has been asked for, not before */
	held_revert_all(s->fleet, why);
	held_cut_waits(s->fleet, why);
	s->fleet->busy--;
	advance(s);
}

static void end_of_input(void *arg)
{
	struct session *s = arg;
	s->input_ended = true;
	/* The end of a pipe means that its writer is gone: the session ends at once. The end of a
	 * file says nothing: its commands are carried out first. */
	if (!s->input.is_file)
		end_session(s, "end of input");
	else
		advance(s);
}

/* Called when no work is under way, and whenever something that may end a stage has happened. */
static void advance(void *session)
{
	struct session *s = session;
	struct fleet *f = s->fleet;
	if (f->busy)
		return;
	switch (s->stage) {
	case STAGE_BRINGING_UP:
		if (s->emitter->errors) {
			s->emitter->code = exit_worse(s->emitter->code, EXIT_RUNTIME);
			end_session(s, "a node did not come up");
			return;
		}
		s->stage = STAGE_OPEN;
		set_deadline(s);
		s->agenda.origin_ns = mono_ns();
		emit_session_start(s->emitter, s->agenda.origin_ns);
		watch_begin(&s->watch, f);
		input_start(&s->input);
		return;
	case STAGE_OPEN:
		if (s->agenda.count || held_timed(f))
			return;
		if (s->idle_asked)
			emit_clock(s->emitter, true);
		s->idle_asked = false;
		if (s->input_ended)
			end_session(s, "end of input");
		return;
	case STAGE_REVERTING:
		s->stage = STAGE_PUTTING_DOWN;
		f->busy++;
		put_down_all(s);
		if (!--f->busy)
			loop_stop(f->loop);
		return;
	case STAGE_PUTTING_DOWN:
		loop_stop(f->loop);
		return;
	}
}

static void interrupted(void *arg, int signo)
{
	struct session *s = arg;
	if (!s->signo)
		s->signo = signo;
	end_session(s, "signal");
}

static void stdout_gone(void *arg)
{
	end_session(arg, "standard output was closed");
}

/* --- commands ------------------------------------------------------------------ */

static void bad_line(void *arg, size_t line, const struct err *e)
{
	struct session *s = arg;
	emit_error(s->emitter, NULL, line, e);
	if (e->code == EXIT_USAGE)
		s->emitter->code = exit_worse(s->emitter->code, e->code);
}

static void revert_all(struct session *s, size_t line)
{
	struct fleet *f = s->fleet;
	struct err e = {0};
	err_runtime(&e, "'revert all' came before its nodes were chosen");
	pending_drop(&s->pending, &e);
	for (size_t i = 0; i < f->count; i++)
		if (f->nodes[i].faults || f->nodes[i].current)
			fault_submit_revert(&f->nodes[i], NULL, "command", line);
}

static void revert_uid(struct session *s, const char *uid, size_t line)
{
	struct fleet *f = s->fleet;
	struct err e = {0};
	for (size_t i = 0; i < f->count; i++)
		for (struct fault *held = f->nodes[i].faults; held; held = held->next)
			if (strcmp(held->entry.uid, uid) == 0) {
				fault_submit_revert(&f->nodes[i], held, "command", line);
				return;
			}
	err_usage(&e, "this session holds no fault '%s'", uid);
	bad_line(s, line, &e);
}

/* The nodes of a command are chosen: all or, on failure, none. Whether each node can take the
 * command is checked when its turn comes. */
static void chosen(void *arg, const struct choice *c)
{
	struct session *s = arg;
	if (c->why.code)
		bad_line(s, c->work.line, &c->why);
	for (size_t i = 0; !c->why.code && i < c->count; i++)
		queue_submit(c->nodes[i], &c->work);
	s->fleet->busy--;
	advance(s); /* the last command of a file may have failed already */
}

static void carry_out(void *arg, const struct command *c, size_t line)
{
	struct session *s = arg;
	if (s->why)
		return;
	if (c->verb == &verb_revert) {
		strcmp(c->uid, "all") == 0 ? revert_all(s, line) : revert_uid(s, c->uid, line);
		return;
	}
	s->fleet->busy++; /* until its nodes are chosen */
	pending_add(&s->pending, c,
		    &(struct work){.verb = c->verb,
				   .for_ns = c->for_ns,
				   .all_down = c->all_down,
				   .params = c->params,
				   .line = line, .due_ns = c->at_ns < 0 ? 0 : s->agenda.origin_ns + c->at_ns,
				   .requested_ns = mono_ns()});
}

/* A fault is not to wait at its time for what can be asked before. */
static void comes_soon(void *arg, const struct command *c)
{
	(void)arg;
	for (size_t i = 0; c->verb->action && i < c->node_count; i++)
		external_check_ask_ahead(c->nodes[i]);
}

/* Comments are for people, but for two of a chaos-fault that asks for several hosts: questions for the time, now and when
 * nothing is left to do. */
static void take_remark(struct session *s, const char *text)
{
	if (s->relayed && strcmp(text, "#clock") == 0)
		emit_clock(s->emitter, false);
	if (s->relayed && strcmp(text, "#idle") == 0) {
		s->idle_asked = true;
		advance(s);
	}
}

static void obey(void *arg, const struct line *line)
{
	struct session *s = arg;
	struct command c;
	struct err e = {0};
	if (!line->text)
		err_usage(&e, "%s", line->wrong);
	else if (command_parse(s->fleet, line->text, &c, &e) == 0) {
		if (c.nothing) {
			take_remark(s, line->text);
			return;
		}
		if (c.at_ns < 0)
			carry_out(s, &c, line->number);
		else
			agenda_add(&s->agenda, &c, line->number);
		return;
	}
	bad_line(s, line->number, &e);
}

/* The input has ended before the session began. */
static void never_begun(struct session *s, const struct line *line)
{
	struct command c = {0};
	struct err e = {0};
	char name[FAULT_NAME_MAX];
	if (!line->text)
		err_usage(&e, "%s", line->wrong);
	else if (!exec_fault_wanted(s->fleet, line->text, name))
		command_parse(s->fleet, line->text, &c, &e);
	if (e.code)
		bad_line(s, line->number, &e);
	else
		s->too_early += !c.nothing;
}

static void line_came(void *arg, const struct line *line)
{
	struct session *s = arg;
	if (s->stage == STAGE_BRINGING_UP)
		never_begun(s, line);
	else
		describing_line(&s->describing, line);
}

/* --- the run ------------------------------------------------------------------- */

static int open_session(struct session *s, struct interrupt *signals, struct err *e)
{
	struct fleet *f = s->fleet;
	interrupt_block();
	if (held_start_guard(f, e) ||
	    interrupt_init(signals, f->loop, interrupted, s, e) ||
	    agenda_init(&s->agenda, f->loop, carry_out, s, e) ||
	    pending_init(&s->pending, f, chosen, s, e) ||
	    input_init(&s->input, f->loop, line_came, end_of_input, s, e))
		return -1;
	s->describing = (struct describing){.fleet = f, .input = &s->input, .obey = obey, .failed = bad_line, .arg = s};
	s->agenda.soon = comes_soon;
	set_deadline(s);
	return 0;
}

int session_run(struct fleet *f, struct emitter *r, const struct options *o)
{
	struct session s = {.fleet = f, .emitter = r, .span_ns = o->deadline_ns, .relayed = o->there || o->here};
	struct interrupt signals = {0};
	struct err e = {0};
	r->session = true;
	f->rehearsal = o->check;
	if (bring_up_mark(f, o->bring_up, &e))
		return diag_err(&e);
	struct node **nodes = mem_alloc((f->count + 1) * sizeof *nodes);
	size_t count = bring_up_nodes(f, nodes);
	int rc = bring_up_check(nodes, count, &e);
	if (o->check) {
		free(nodes);
		set_deadline(&s);
		return rc ? diag_err(&e) : rehearsal_run(f, r);
	}
	r->on_gone = stdout_gone;
	r->arg = &s;
	f->on_idle = advance;
	f->idle_arg = &s;
	if (rc || open_session(&s, &signals, &e)) {
		r->code = diag_err(&e);
	} else {
		bring_up_begin(f, nodes, count);
		advance(&s);
		loop_run(f->loop);
	}
	free(nodes);
	describing_release(&s.describing);
	input_release(&s.input);
	pending_release(&s.pending);
	agenda_release(&s.agenda);
	interrupt_release(&signals);
	if (s.signo)
		r->code = exit_worse(r->code, 128 + s.signo);
	return r->code;
}
