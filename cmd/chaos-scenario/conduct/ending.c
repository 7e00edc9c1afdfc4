#include "conduct/ending.h"

#include "base/units.h"
#include "conduct/audit.h"
#include "prepare/loads/load_check.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A load of other places has ended there in two seconds, and then clocks are compared. */
#ifndef CHAOS_BOUND_DIVISOR
#define CHAOS_BOUND_DIVISOR 1 /* more in builds for tests */
#endif
static const int64_t load_margin_ns = 5 * NS_PER_S / CHAOS_BOUND_DIVISOR, far_margin_ns = 20 * NS_PER_S / CHAOS_BOUND_DIVISOR;
static const int64_t put_back_margin_ns = 30 * NS_PER_S;

size_t run_loads_running(const struct run *r)
{
	size_t count = 0;
	for (size_t i = 0; i < r->plan->load_count; i++)
		count += r->loads[i].child.running;
	return count;
}

int run_exit(const struct run *r)
{
	return r->signo ? exit_worse(r->code, 128 + r->signo) : r->code;
}

int64_t run_ready_within(const struct run *r)
{
	int64_t sum = put_back_margin_ns;
	for (size_t i = 0; i < r->plan->nodes.count; i++)
		sum += r->plan->nodes.nodes[i]->ready_within_ns;
	return sum;
}

static void signal_loads(const struct run *r, int signo)
{
	for (size_t i = 0; i < r->plan->load_count; i++)
		child_signal(&r->loads[i].child, signo);
}

void run_put_back(struct run *r)
{
	if (r->stage >= STAGE_PUT_BACK)
		return;
	/* The session reads no input before its nodes are up: only a signal ends it now. */
	r->fault_told = r->stage == STAGE_BRING_UP;
	if (r->fault_told)
		child_signal(&r->fault, SIGTERM);
	child_signal(&r->audit, SIGTERM);
	r->stage = STAGE_PUT_BACK;
	r->deadline_ns = mono_ns() + (!run_loads_running(r) ? run_ready_within(r) : r->placed_count ? far_margin_ns : load_margin_ns);
	loop_timer_stop(r->step_timer);
	signal_loads(r, SIGTERM);
	for (size_t i = 0; i < r->plan->load_count; i++)
		child_close_control(&r->loads[i].child);
	child_close_control(&r->fault);
}

void run_fail(struct run *r, int code, const char *fmt, ...)
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
	run_put_back(r);
}

static void loads_ended(struct run *r)
{
	struct err e;
	int rc = audit_begin(r, run_ready_within(r), &e);
	if (rc < 0)
		run_fail(r, e.code, "%s", e.msg);
	else if (!rc)
		run_put_back(r);
}

void run_drain(struct run *r)
{
	int64_t timeout_ns = 0;
	for (size_t i = 0; i < r->plan->load_count; i++)
		if (load_timeout_ns(r->plan, &r->plan->loads[i]) > timeout_ns)
			timeout_ns = load_timeout_ns(r->plan, &r->plan->loads[i]);
	r->stage = STAGE_DRAIN;
	/* chaos-load gives its requests up by its own timeout; it may be frozen, as may what is elsewhere, or its link. */
	r->deadline_ns = mono_ns() + timeout_ns + far_margin_ns;
	if (!run_loads_running(r))
		loads_ended(r);
}

static void load_ended(struct run *r, size_t i)
{
	struct err e;
	char how[160], *summary = plan_load_file(r->plan, i, "load", ".json");
	const struct child *load = &r->loads[i].child;
	int code = child_code(load);
	bool unbegun = r->stage == STAGE_BRING_UP; /* of other places */
	bool early = unbegun || (r->stage == STAGE_RUN && mono_ns() < r->t0_ns + r->plan->scenario->duration_ns);
	child_describe_end(load, how, sizeof how);
	if (r->stage == STAGE_PUT_BACK && !run_loads_running(r))
		r->deadline_ns = mono_ns() + run_ready_within(r);
	if (r->loads[i].placed && r->t0_ns && tell_placed_end(r, i, !early && r->stage < STAGE_PUT_BACK, &e))
		run_fail(r, e.code, "%s", e.msg);
	if (r->stage == STAGE_PUT_BACK && (code == 128 + SIGTERM || (r->loads[i].placed && code == 128 + SIGINT)))
		code = EXIT_OK;
	if (code == EXIT_INCONCLUSIVE && !early) {
		progress_say(&r->progress, "%s; see 'reasons' in '%s/%s'",
			     r->loads[i].placed ? "not all of the load came as planned"
						: "the load generator was the limit, not the nodes",
			     r->dir.path, summary);
		r->code = exit_worse(r->code, EXIT_INCONCLUSIVE);
	} else if (early || code != EXIT_OK) {
		run_fail(r, EXIT_RUNTIME, "%s%s", how, unbegun ? " before the load began" : early ? " in the middle of the run" : "");
	}
	free(summary);
	if (!run_loads_running(r) && r->stage != STAGE_RUN)
		loads_ended(r);
}

void run_hear(struct run *r)
{
	struct err e;
	if (heard_poll(&r->heard, &e))
		run_fail(r, e.code, "%s", e.msg);
	if (r->stage > STAGE_AUDIT)
		return;
	if (r->heard.error)
		run_fail(r, r->heard.error_code, "%s%s",
			 r->stage == STAGE_BRING_UP ? "" : "a command of the scenario failed: ", r->heard.error);
	else if (r->heard.revert_failed)
		run_fail(r, EXIT_RUNTIME, "a fault could not be lifted: %s", r->heard.revert_reason);
}

/* It was killed while it held faults or nodes: its guard is putting these back. */
static void session_died(struct run *r, const char *how)
{
	struct err e;
	run_fail(r, EXIT_RUNTIME, "%s", how);
	if (leftovers_ask(&r->leftovers, r->config->path, &e))
		run_fail(r, EXIT_RESIDUE, "%s; a fault may still be active", e.msg);
}

static void fault_ended(struct run *r)
{
	char how[160];
	int code = child_code(&r->fault);
	run_hear(r);
	child_describe_end(&r->fault, how, sizeof how);
	if (r->stage == STAGE_PUT_BACK &&
	    (code == EXIT_OK || (code == 128 + SIGTERM && r->fault_told)))
		return;
	/* Its event has been printed already. */
	if (r->stage == STAGE_PUT_BACK && r->heard.error && code == r->heard.error_code)
		return;
	if (code == EXIT_INCONCLUSIVE && r->stage == STAGE_PUT_BACK) {
		if (r->heard.by_other)
			progress_say(&r->progress, "%s was over before chaos-fault undid it",
				     r->heard.by_other);
		r->code = exit_worse(r->code, EXIT_INCONCLUSIVE);
	} else if (code == EXIT_USAGE && r->stage == STAGE_BRING_UP) {
		r->refused = true;
		r->code = EXIT_USAGE;
		run_put_back(r);
	} else if (code >= 128 && r->heard.held_count + r->heard.brought_up) {
		session_died(r, how);
	} else if (code == EXIT_RESIDUE) {
		run_fail(r, EXIT_RESIDUE, "%s: %s", how,
			 r->heard.revert_reason ? r->heard.revert_reason
					       : "a fault may still be active; see 'chaos-fault ls'");
		r->code = exit_worse(r->code, EXIT_RESIDUE);
	} else {
		run_fail(r, EXIT_RUNTIME, "%s%s", how,
			 r->stage == STAGE_BRING_UP ? ": the nodes did not come up" : "");
	}
}

void run_overdue(struct run *r)
{
	int64_t now = mono_ns();
	if (r->stage == STAGE_BRING_UP) {
		run_fail(r, EXIT_RUNTIME, r->placed_started ? "the places of a load did not answer in time"
							    : "the nodes did not come up in time");
	} else if (r->stage == STAGE_AUDIT) {
		progress_say(&r->progress, "the writes were not audited: %s",
			     r->audit.running ? "chaos-audit does not come to an end" : "the faults were not lifted in time");
		run_put_back(r);
	} else if (r->stage == STAGE_DRAIN) {
		run_fail(r, EXIT_RUNTIME, "%s", r->placed_count ? "the places of a load do not come to an end"
								: "chaos-load does not come to an end");
		r->deadline_ns = now + load_margin_ns; /* they have been told long since */
	} else if (r->stage == STAGE_PUT_BACK && run_loads_running(r)) {
		bool last = r->loads_told || !r->placed_count;
		r->loads_told = true;
		for (size_t i = 0; last && i < r->plan->load_count; i++)
			child_kill_group(&r->loads[i].child);
		if (!last)
			signal_loads(r, SIGTERM); /* at its second one chaos-spread leaves at once */
		r->deadline_ns = now + (last ? run_ready_within(r) : load_margin_ns);
	} else if (r->stage == STAGE_PUT_BACK && r->fault.running) {
		progress_say(&r->progress, "chaos-fault (process %d) does not come to an end",
			     (int)r->fault.pid);
		child_signal(&r->fault, r->fault_told ? SIGKILL : SIGTERM);
		r->fault_told = true;
		r->deadline_ns = now + put_back_margin_ns;
	} else if (r->stage == STAGE_PUT_BACK) {
		child_signal(&r->leftovers.ls, SIGKILL);
	}
}

void run_children_ended(struct run *r)
{
	struct err e;
	for (size_t i = 0; i < r->plan->load_count; i++)
		if (child_reap(&r->loads[i].child))
			load_ended(r, i);
	if (child_reap(&r->audit)) {
		if (audit_take(r, &e))
			run_fail(r, e.code, "%s", e.msg);
		run_put_back(r);
	}
	if (child_reap(&r->fault))
		fault_ended(r);
	if (child_reap(&r->leftovers.ls))
		r->code = exit_worse(r->code,
				     leftovers_take(&r->leftovers, r->fault.pid, &r->heard,
						    r->config, &r->events, &r->progress));
}
