#include "conduct/stages.h"

#include "after/logs.h"
#include "after/verdict.h"
#include "conduct/audit.h"
#include "conduct/checks.h"
#include "conduct/ending.h"
#include "conduct/run_events.h"
#include "conduct/steady.h"

#include "base/signame.h"
#include "base/units.h"
#include "csv/csv_write.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

static const int64_t probe_poll_ns = NS_PER_S / 50;
static const int64_t places_within_ns = 150 * NS_PER_S; /* pods have 120 s */
/* How long before its time the session gets each command, for what can be looked at before; it gets the first at its time,
 * until which the system must be steady. Shorter than the notice of the end of a phase that lasts until recovered. */
static const int64_t fault_lead_ns = 100 * NS_PER_MS;

/* --- the plan ------------------------------------------------------------- */

static void do_step(struct run *r, const struct step *s)
{
	struct err e;
	if (s->kind == STEP_PHASE)
		emit_phase_start(r, s);
	if (s->kind == STEP_RATE) { /* chaos-load got all rates when it started */
		r->loads[s->load].rate = s->to_rps;
		if (r->loads[s->load].placed && tell_placed_rate(r, s, &e))
			run_fail(r, e.code, "%s", e.msg);
		steady_begin(r, s);
	}
}

static void send_fault(struct run *r, const struct step *s)
{
	struct err e;
	struct buf line = BUF_INIT;
	int64_t at_ns = r->t0_ns + s->at_ns - anchor_mono_ns(&r->anchor, s_to_ns(r->heard.session_s));
	steady_check(r, true);
	if (r->stage != STAGE_RUN)
		return;
	buf_addf(&line, "@%" PRId64 ".%09" PRId64 " %s\n", at_ns / NS_PER_S, at_ns % NS_PER_S, s->command);
	if (child_send(&r->fault, line.data, line.len, &e))
		run_fail(r, e.code, "%s", e.msg);
	buf_release(&line);
}

/* Sends the faults whose time is near; when the next one is to be sent, or INT64_MAX. */
static int64_t send_faults(struct run *r, int64_t now)
{
	for (; r->stage == STAGE_RUN && r->next_fault < r->plan->step_count; r->next_fault++) {
		const struct step *s = &r->plan->steps[r->next_fault];
		if (s->kind != STEP_FAULT)
			continue;
		int64_t due_ns = r->t0_ns + s->at_ns - (r->steady ? fault_lead_ns : 0);
		if (due_ns > now)
			return due_ns;
		send_fault(r, s);
	}
	return INT64_MAX;
}

static void end_run(struct run *r)
{
	if (r->plan->scenario->checks.steady && !r->steady)
		checks_steady(r); /* nothing was broken */
	checks_end(r);
	if (r->stage == STAGE_RUN)
		run_drain(r);
}

void stages_step(struct run *r)
{
	const struct plan *p = r->plan;
	int64_t now = mono_ns(), end_ns = r->t0_ns + p->scenario->duration_ns;
	while (r->stage == STAGE_RUN && r->next_step < p->step_count &&
	       r->t0_ns + p->steps[r->next_step].at_ns <= now)
		do_step(r, &p->steps[r->next_step++]);
	int64_t next_ns = send_faults(r, now);
	if (r->stage != STAGE_RUN)
		return;
	if (r->next_step < p->step_count && r->t0_ns + p->steps[r->next_step].at_ns < next_ns)
		next_ns = r->t0_ns + p->steps[r->next_step].at_ns;
	if (next_ns < end_ns || now < end_ns)
		loop_timer_at(r->step_timer, next_ns < end_ns ? next_ns : end_ns);
	else if (!checks_await_end(r, end_ns))
		loop_timer_at(r->step_timer, now + probe_poll_ns);
	else
		end_run(r);
}

static void begin_load(struct run *r)
{
	struct err e;
	if (rundir_keep(&r->dir, &e)) /* the run goes on without the link */
		progress_say(&r->progress, "%s", e.msg);
	r->stage = STAGE_RUN;
	r->deadline_ns = INT64_MAX;
	if (start_loads(r, &e) || checks_begin(r, &e))
		run_fail(r, e.code, "%s", e.msg);
	else
		loop_timer_at(r->step_timer, r->t0_ns);
}

/* --- after the run -------------------------------------------------------- */

static bool has_rows(const struct run *r)
{
	struct stat st;
	for (size_t i = 0; r->t0_ns && i < r->plan->load_count; i++)
		if (fstat(r->loads[i].samples_fd, &st) == 0 && st.st_size > (off_t)strlen(sample_header))
			return true;
	return false;
}

static void done(struct run *r)
{
	struct err e;
	int code = run_exit(r);
	const struct ending how = {.exit = code, .signo = r->signo, .said = r->why[0],
				   .why = r->why[0] ? r->why : r->findings.why};
	progress_clear(&r->progress);
	if (!r->refused && verdict_write(&r->dir, r->plan, &how, &r->progress, &e)) {
		progress_say(&r->progress, "%s", e.msg);
		r->code = exit_worse(r->code, e.code);
	}
	r->stage = STAGE_DONE;
	loop_stop(r->loop);
}

static void go_on_findings(struct run *r)
{
	if (!findings_go_on(&r->findings))
		return;
	r->code = exit_worse(r->code, r->findings.code);
	done(r);
}

static void begin_findings(struct run *r)
{
	struct err e;
	r->stage = STAGE_FINDINGS;
	if (r->refused) {
		rundir_discard(&r->dir);
		done(r);
		return;
	}
	emit_run_end(r);
	if (!r->t0_ns && rundir_keep(&r->dir, &e))
		progress_say(&r->progress, "%s", e.msg);
	if (logs_keep(&r->dir, &e))
		progress_say(&r->progress, "%s", e.msg);
	if (r->leave || r->unsteady || !has_rows(r)) {
		if (!r->leave && !r->unsteady && !r->why[0])
			progress_say(&r->progress, "no request was sent, so there is nothing to analyse");
		done(r);
		return;
	}
	findings_init(&r->findings, r->opts, r->config->path, &r->dir, &r->progress, r->signo != 0);
	go_on_findings(r);
}

/* --- the loop's callbacks ------------------------------------------------- */

/* Whether the loads of other places are ready, once they have been asked. */
static bool places_ready(struct run *r)
{
	struct err e;
	if (!r->placed_count)
		return true;
	if (!r->placed_started) {
		r->placed_started = true;
		r->deadline_ns = mono_ns() + places_within_ns;
		if (start_placed(r, &e))
			run_fail(r, e.code, "%s", e.msg);
	}
	return r->stage == STAGE_BRING_UP && r->heard.loads_ready == r->placed_count;
}

static void check_session(struct run *r)
{
	run_hear(r);
	if (r->stage == STAGE_BRING_UP && r->heard.session_ready && places_ready(r))
		begin_load(r);
}

void stages_advance(struct run *r)
{
	struct err e;
	if (r->stage < STAGE_FINDINGS)
		check_session(r);
	if (r->stage < STAGE_FINDINGS && mono_ns() > r->deadline_ns)
		run_overdue(r);
	if (r->stage == STAGE_AUDIT && audit_go_on(r, &e))
		run_fail(r, e.code, "%s", e.msg);
	if (r->stage == STAGE_PUT_BACK && !run_loads_running(r) && !r->fault.running && !r->audit.running &&
	    !r->leftovers.ls.running)
		begin_findings(r);
	else if (r->stage == STAGE_FINDINGS)
		go_on_findings(r);
}

void stages_begin(struct run *r)
{
	struct err e;
	r->deadline_ns = mono_ns() + run_ready_within(r);
	emit_run_start(r);
	if (r->stage == STAGE_BRING_UP && start_fault(r, &e))
		run_fail(r, e.code, "%s", e.msg);
}

void stages_interrupt(struct run *r, int signo)
{
	const char *name = signal_abbrev(signo);
	if (r->stage == STAGE_FINDINGS) {
		progress_say(&r->progress, "SIG%s: the rest of the analysis is left out", name);
		findings_stop(&r->findings);
	} else if (r->stage == STAGE_PUT_BACK) {
		r->leave = r->signo;
		progress_say(&r->progress, "SIG%s: still putting back%s: waiting for %s%s%s", name,
			     r->leave ? ", and no analysis then" : "",
			     run_loads_running(r) ? "chaos-load" : "",
			     run_loads_running(r) && r->fault.running ? " and " : "",
			     r->fault.running ? "chaos-fault" : "");
	} else {
		progress_say(&r->progress, "SIG%s: stopping the load, putting everything back", name);
	}
	if (!r->signo)
		r->signo = signo;
	run_put_back(r);
}
