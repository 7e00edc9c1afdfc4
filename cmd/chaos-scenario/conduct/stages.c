#include "conduct/stages.h"

#include "after/leftovers.h"

#include "base/units.h"
#include "stream/json.h"
#include "stream/sample.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const int64_t margin_ns = 5 * NS_PER_S;
static const int64_t put_back_margin_ns = 30 * NS_PER_S;

static void run_fail(struct run *r, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- events -------------------------------------------------------------- */

static void emit(struct run *r, struct json *j)
{
	struct err e;
	if (event_send(&r->events, j, &e))
		run_fail(r, e.code, "%s", e.msg);
}

static void emit_start(struct run *r)
{
	struct json *j = event_new(&r->events, EVENT_RUN_START);
	json_set_str(j, "format", EVENT_FORMAT);
	json_set_str(j, "run_id", r->opts->run_id);
	json_set_int(j, "seed", (int64_t)r->seed);
	json_set_str(j, "scenario", r->plan->scenario->name);
	json_set_str(j, "mode", conf_mode_name(r->opts->mode));
	json_set_round(j, "duration_s", ns_to_s(r->plan->scenario->duration_ns), 9);
	emit(r, j);
	for (size_t i = 0; i < r->plan->warning_count; i++) {
		j = event_new(&r->events, EVENT_WARNING);
		json_set_str(j, "message", r->plan->warnings[i]);
		emit(r, j);
	}
}

static void emit_phase(struct run *r, const struct scenario_phase *p)
{
	struct json *j = event_new(&r->events, EVENT_PHASE_START);
	json_set_str(j, "phase", p->name);
	json_set_int(j, "index", p - r->plan->scenario->phases);
	json_set_round(j, "duration_s", ns_to_s(p->duration_ns), 9);
	emit(r, j);
}

static void emit_end(struct run *r)
{
	struct json *j = event_new(&r->events, EVENT_RUN_END);
	struct err e;
	json_set_str(j, "reason", r->signo ? "signal" : r->why[0] ? "failed" : "done");
	if (r->signo)
		json_set_int(j, "signal", r->signo);
	if (r->why[0])
		json_set_str(j, "message", r->why);
	if (event_send(&r->events, j, &e)) {
		progress_say(&r->progress, "%s", e.msg);
		r->code = exit_worse(r->code, e.code);
	}
}

/* --- putting back --------------------------------------------------------- */

/* How long nodes may take until they are ready, in the worst case one by one. */
static int64_t nodes_ready_within(const struct run *r)
{
	int64_t sum = put_back_margin_ns;
	for (size_t i = 0; i < r->config->node_count; i++)
		if (r->config->nodes[i].mode == r->opts->mode)
			sum += r->config->nodes[i].ready_within_ns;
	return sum;
}

static void put_back(struct run *r)
{
	if (r->stage >= STAGE_PUT_BACK)
		return;
	/* While nodes come up the session reads no input yet, so its end would wait for them. */
	r->fault_told = r->stage == STAGE_BRING_UP;
	if (r->fault_told)
		child_signal(&r->fault, SIGTERM);
	r->stage = STAGE_PUT_BACK;
	r->deadline_ns = mono_ns() + (r->load.running ? margin_ns : nodes_ready_within(r));
	loop_timer_stop(r->step_timer);
	child_signal(&r->load, SIGTERM);
	child_close_control(&r->load);
	child_close_control(&r->fault);
}

/* The run cannot go on: the first reason counts, all is put back. */
static void run_fail(struct run *r, int code, const char *fmt, ...)
{
	char msg[sizeof r->why];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof msg, fmt, ap);
	va_end(ap);
	if (!r->why[0]) {
		memcpy(r->why, msg, sizeof msg);
		progress_say(&r->progress, "%s", msg);
	}
	r->code = exit_worse(r->code, code);
	put_back(r);
}

/* --- children that end ---------------------------------------------------- */

static void load_ended(struct run *r)
{
	char how[160];
	int code = child_code(&r->load);
	bool early = r->stage == STAGE_RUN &&
		     mono_ns() < r->t0_ns + r->plan->scenario->duration_ns;
	child_describe_end(&r->load, how, sizeof how);
	if (r->stage == STAGE_PUT_BACK)
		r->deadline_ns = mono_ns() + nodes_ready_within(r);
	if (r->stage == STAGE_PUT_BACK && (code == EXIT_OK || code == 128 + SIGTERM))
		return;
	if (code == EXIT_INCONCLUSIVE && !early) {
		progress_say(&r->progress, "the load generator was the limit, not the nodes; see "
					   "'reasons' in '%s/load.json'", r->dir.path);
		r->code = exit_worse(r->code, EXIT_INCONCLUSIVE);
	} else if (early || code != EXIT_OK) {
		run_fail(r, EXIT_RUNTIME, "%s%s", how, early ? " in the middle of the run" : "");
	}
	put_back(r);
}

/* It was killed with something held, which its guard puts back just now. */
static void session_died(struct run *r, const char *how)
{
	struct err e;
	run_fail(r, EXIT_RUNTIME, "%s", how);
	if (leftovers_ask(r, &e))
		run_fail(r, EXIT_RESIDUE, "%s; a fault may still be active", e.msg);
}

static void fault_ended(struct run *r)
{
	struct err e;
	char how[160];
	int code = child_code(&r->fault);
	if (reported_poll(&r->reported, &e))
		run_fail(r, e.code, "%s", e.msg);
	child_describe_end(&r->fault, how, sizeof how);
	if (r->stage == STAGE_PUT_BACK &&
	    (code == EXIT_OK || (code == 128 + SIGTERM && r->fault_told)))
		return;
	/* What did not go has been told by its event. */
	if (r->stage == STAGE_PUT_BACK && r->reported.error && code == r->reported.error_code)
		return;
	if (code == EXIT_USAGE && r->stage == STAGE_BRING_UP) {
		r->refused = true;
		r->code = EXIT_USAGE;
		put_back(r);
	} else if (code >= 128 && r->reported.held_count + r->reported.brought_up) {
		session_died(r, how);
	} else if (code == EXIT_RESIDUE) {
		run_fail(r, EXIT_RESIDUE, "%s: %s", how,
			 r->reported.revert_reason ? r->reported.revert_reason
						: "a fault may still be active; see 'chaos-fault ls'");
		r->code = exit_worse(r->code, EXIT_RESIDUE);
	} else {
		run_fail(r, EXIT_RUNTIME, "%s%s", how,
			 r->stage == STAGE_BRING_UP ? ": the nodes did not come up" : "");
	}
}

/* --- the plan ------------------------------------------------------------- */

static void do_step(struct run *r, const struct step *s)
{
	struct err e;
	if (s->kind == STEP_PHASE)
		emit_phase(r, s->phase);
	if (s->kind != STEP_FAULT)
		return; /* rates: chaos-load has known them since its start */
	struct buf line = BUF_INIT;
	buf_addf(&line, "%s\n", s->command);
	if (child_send(&r->fault, line.data, line.len, &e))
		run_fail(r, e.code, "%s", e.msg);
	buf_release(&line);
}

void stages_step(struct run *r)
{
	const struct plan *p = r->plan;
	int64_t now = mono_ns();
	while (r->stage == STAGE_RUN && r->next_step < p->step_count &&
	       r->t0_ns + p->steps[r->next_step].at_ns <= now)
		do_step(r, &p->steps[r->next_step++]);
	if (r->stage != STAGE_RUN)
		return;
	int64_t end_ns = r->t0_ns + p->scenario->duration_ns;
	if (r->next_step < p->step_count) {
		loop_timer_at(r->step_timer, r->t0_ns + p->steps[r->next_step].at_ns);
	} else if (now < end_ns) {
		loop_timer_at(r->step_timer, end_ns);
	} else {
		r->stage = STAGE_DRAIN;
		r->deadline_ns = end_ns + r->config->load_timeout_ns + margin_ns;
	}
}

static void begin_load(struct run *r)
{
	struct err e;
	if (rundir_keep(&r->dir, &e)) /* the run counts, even if the link to it does not */
		progress_say(&r->progress, "%s", e.msg);
	r->stage = STAGE_RUN;
	r->deadline_ns = INT64_MAX;
	if (start_load(r, &e))
		run_fail(r, e.code, "%s", e.msg);
	else
		loop_timer_at(r->step_timer, r->t0_ns);
}

/* --- after the run -------------------------------------------------------- */

static bool has_rows(const struct run *r)
{
	struct stat st;
	return r->t0_ns && fstat(r->samples_fd, &st) == 0 &&
	       st.st_size > (off_t)strlen(sample_header);
}

static void done(struct run *r)
{
	r->stage = STAGE_DONE;
	loop_stop(r->loop);
}

static void judge_on(struct run *r)
{
	if (!findings_go_on(&r->findings))
		return;
	r->code = exit_worse(r->code, r->findings.code);
	progress_clear(&r->progress);
	summary_say(r);
	done(r);
}

static void begin_judging(struct run *r)
{
	struct err e;
	r->stage = STAGE_JUDGE;
	if (r->refused) {
		rundir_discard(&r->dir);
		done(r);
		return;
	}
	emit_end(r);
	if (!r->t0_ns && rundir_keep(&r->dir, &e))
		progress_say(&r->progress, "%s", e.msg);
	if (!has_rows(r)) {
		progress_say(&r->progress, "no request was sent, so there is nothing to analyse");
		done(r);
		return;
	}
	findings_init(&r->findings, r->opts, r->config->path, &r->dir, &r->progress);
	judge_on(r);
}

/* --- the loop's callbacks ------------------------------------------------- */

/* A stage has lasted too long. Each call goes one step further. */
static void overdue(struct run *r)
{
	int64_t now = mono_ns();
	if (r->stage == STAGE_BRING_UP) {
		run_fail(r, EXIT_RUNTIME, "the nodes did not come up in time");
	} else if (r->stage == STAGE_DRAIN) {
		run_fail(r, EXIT_RUNTIME, "chaos-load did not end in time");
	} else if (r->stage == STAGE_PUT_BACK && r->load.running) {
		child_signal(&r->load, SIGKILL);
		r->deadline_ns = now + nodes_ready_within(r);
	} else if (r->stage == STAGE_PUT_BACK && r->fault.running) {
		progress_say(&r->progress, "chaos-fault (process %d) does not come to an end",
			     (int)r->fault.pid);
		child_signal(&r->fault, r->fault_told ? SIGKILL : SIGTERM);
		r->fault_told = true;
		r->deadline_ns = now + put_back_margin_ns;
	} else if (r->stage == STAGE_PUT_BACK) {
		child_signal(&r->look, SIGKILL);
	}
}

static void check_session(struct run *r)
{
	struct err e;
	if (reported_poll(&r->reported, &e))
		run_fail(r, e.code, "%s", e.msg);
	if (r->stage > STAGE_DRAIN)
		return;
	if (r->reported.error)
		run_fail(r, r->reported.error_code, "a command of the scenario failed: %s",
			 r->reported.error);
	else if (r->reported.revert_failed)
		run_fail(r, EXIT_RUNTIME, "a fault could not be lifted: %s", r->reported.revert_reason);
	else if (r->stage == STAGE_BRING_UP && r->reported.session_ready)
		begin_load(r);
}

void stages_advance(struct run *r)
{
	if (r->stage < STAGE_JUDGE)
		check_session(r);
	if (r->stage < STAGE_JUDGE && mono_ns() > r->deadline_ns)
		overdue(r);
	if (r->stage == STAGE_PUT_BACK && !r->load.running && !r->fault.running && !r->look.running)
		begin_judging(r);
	else if (r->stage == STAGE_JUDGE)
		judge_on(r);
}

void stages_begin(struct run *r)
{
	struct err e;
	r->deadline_ns = mono_ns() + nodes_ready_within(r);
	emit_start(r);
	if (r->stage == STAGE_BRING_UP && start_fault(r, &e))
		run_fail(r, e.code, "%s", e.msg);
}

void stages_children(struct run *r)
{
	if (child_reap(&r->load))
		load_ended(r);
	if (child_reap(&r->fault))
		fault_ended(r);
	if (child_reap(&r->look))
		leftovers_take(r);
}

void stages_interrupt(struct run *r, int signo)
{
	const char *name = sigabbrev_np(signo);
	if (r->stage == STAGE_JUDGE) {
		progress_say(&r->progress, "SIG%s: the rest of the analysis is left out", name);
		findings_stop(&r->findings);
	} else if (r->stage == STAGE_PUT_BACK) {
		progress_say(&r->progress, "SIG%s: still putting back: waiting for %s%s%s", name,
			     r->load.running ? "chaos-load" : "",
			     r->load.running && r->fault.running ? " and " : "",
			     r->fault.running ? "chaos-fault" : "");
	} else {
		progress_say(&r->progress, "SIG%s: stopping the load, putting everything back", name);
	}
	if (!r->signo)
		r->signo = signo;
	put_back(r);
}
