#include "conduct/run_events.h"

#include "base/units.h"
#include "conduct/checks.h"
#include "conduct/ending.h"
#include "prepare/rules.h"
#include "stream/json.h"

static void emit(struct run *r, struct json *j)
{
	struct err e;
	if (event_send(&r->events, j, &e))
		run_fail(r, e.code, "%s", e.msg);
}

void emit_run_start(struct run *r)
{
	struct json *j = event_new(&r->events, EVENT_RUN_START);
	json_set_str(j, "format", EVENT_FORMAT);
	json_set_str(j, "run_id", r->opts->run_id);
	json_set_int(j, "seed", (int64_t)r->plan->seed);
	json_set_str(j, "scenario", r->plan->scenario->name);
	json_set_str(j, "mode", conf_mode_name(r->plan->mode));
	json_set_round(j, "duration_s", ns_to_s(r->plan->scenario->duration_ns), 9);
	json_set(j, "expectations", rules_expectations(r->plan));
	emit(r, j);
	for (size_t i = 0; i < r->plan->warning_count; i++) {
		j = event_new(&r->events, EVENT_WARNING);
		json_set_str(j, "message", r->plan->warnings[i]);
		emit(r, j);
	}
}

void emit_phase_start(struct run *r, const struct step *s)
{
	const struct scenario_phase *p = s->phase;
	struct json *j = event_new_at(&r->events, EVENT_PHASE_START, r->t0_ns + s->at_ns);
	json_set_str(j, "phase", p->name);
	json_set_int(j, "index", p - r->plan->scenario->phases);
	json_set_round(j, "duration_s", ns_to_s(p->duration_ns), 9);
	emit(r, j);
}

void emit_run_end(struct run *r)
{
	struct json *j = event_new(&r->events, EVENT_RUN_END);
	struct err e;
	json_set_str(j, "reason", r->signo ? "signal" : r->code == EXIT_STOPPED ? "stopped" : r->why[0] ? "failed" : "done");
	if (r->signo)
		json_set_int(j, "signal", r->signo);
	if (r->why[0])
		json_set_str(j, "message", r->why);
	json_set_int(j, "exit", run_exit(r));
	if (r->unsteady)
		json_set_bool(j, "unsteady", true);
	json_set(j, "checks", checks_results(r));
	if (event_send(&r->events, j, &e)) {
		progress_say(&r->progress, "%s", e.msg);
		r->code = exit_worse(r->code, e.code);
	}
}
