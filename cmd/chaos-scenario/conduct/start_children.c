/* Starts the long-lived children: the fault session and the loads. */
#include "conduct/run.h"

#include "prepare/fault_check.h"
#include "prepare/loads/load_check.h"
#include "prepare/loads/load_places.h"

#include "base/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Time for chaos-load to start and connect before its first slot, here and at other places. */
static const int64_t lead_ns = 300 * NS_PER_MS, far_lead_ns = 1500 * NS_PER_MS;

int start_fault(struct run *r, struct err *e)
{
	struct args a = {0};
	fault_session(&a, r->plan);
	args_number(&a, "--anchor", r->anchor.offset_ns);
	args_number(&a, "--seed", (int64_t)r->plan->seed);
	/* It outlives this process, to put everything back when its control pipe closes. */
	struct child_how how = {.out = r->events_fd, .keep_fd = -1, .control = true};
	int rc = child_start(&r->fault, "chaos-fault", &a, &how, e);
	args_release(&a);
	return rc;
}

/* The program, and when slot 0 is due. */
static void begin_here(const struct run *r, struct args *a)
{
	int64_t start_ns = anchor_wall_ns(&r->anchor, r->t0_ns);
	args_program(a, "chaos-load");
	args_add(a, "--control");
	args_add(a, "--start-at");
	/* A double does not hold the nine digits. */
	args_add(a, "%" PRId64 ".%09" PRId64, start_ns / NS_PER_S, start_ns % NS_PER_S);
	args_number(a, "--anchor", r->anchor.offset_ns);
}

/* The descriptors of events and URLs in a load that is started through sh. */
enum { EVENTS_AT = 4, URLS_AT };

static void build_load(struct run *r, size_t i, int urls_fd, struct args *a)
{
	const struct plan_load *l = &r->plan->loads[i];
	char *name = plan_load_file(r->plan, i, "load", ".json"), *summary = rundir_file(&r->dir, name), *requests = NULL;
	free(name);
	if (l->conf && l->conf->requests) {
		name = plan_load_file(r->plan, i, "requests", ".jsonl");
		requests = rundir_file(&r->dir, name);
		free(name);
	}
	if (r->loads[i].placed)
		places_session(a, r->plan, l, urls_fd, requests);
	else
		begin_here(r, a);
	args_option(a, "--summary", summary); /* both have that option, and the next */
	args_add(a, "--events");
	args_add(a, "fd:%d", r->loads[i].placed ? EVENTS_AT : r->events_fd);
	if (r->loads[i].placed)
		places_command(a, r->plan, l);
	load_session(a, r->plan, l, urls_fd);
	args_number(a, "--seed", (int64_t)r->plan->seed);
	if (load_audited(r->plan, l))
		args_option(a, "--audit-run", r->opts->run_id);
	args_add(a, "--quiet"); /* chaos-scenario prints the findings */
	if (requests)
		args_add(a, "--requests=%s", requests);
	free(requests);
	free(summary);
}

/* Sends the schedule in advance, up to the next phase whose end is not known, so that the rates do not depend on
 * this process. */
static int send_schedule(struct run *r, size_t load, struct err *e)
{
	struct buf lines = BUF_INIT;
	struct plan *p = r->plan;
	char span[SPAN_MAX];
	for (size_t i = 0; i < p->step_count; i++) {
		struct step *s = &p->steps[i];
		if (s->kind != STEP_RATE || s->load != load || s->sent || s->at_ns >= r->open_ns)
			continue;
		s->sent = true;
		buf_addf(&lines, "@%" PRId64 ".%09" PRId64, s->at_ns / NS_PER_S, s->at_ns % NS_PER_S);
		if (s->replays)
			buf_addstr(&lines, " replay\n");
		else if (s->to_rps < s->rps || s->to_rps > s->rps)
			buf_addf(&lines, " ramp %.12g %.12g %s\n", s->rps, s->to_rps,
				 span_format(s->ramp_ns, span));
		else
			buf_addf(&lines, " rate %.12g\n", s->rps);
	}
	int64_t end_ns = p->scenario->duration_ns;
	if (r->open_ns == INT64_MAX)
		buf_addf(&lines, "@%" PRId64 ".%09" PRId64 " stop\n", end_ns / NS_PER_S, end_ns % NS_PER_S);
	int rc = child_send(&r->loads[load].child, lines.data, lines.len, e);
	buf_release(&lines);
	return rc;
}

/* On a whole millisecond of wall time: then six decimals are exact, and rounding moves no request
 * to the second before. */
static int64_t first_slot(const struct run *r)
{
	int64_t wall = anchor_wall_ns(&r->anchor, mono_ns() + (r->placed_count ? far_lead_ns : lead_ns));
	return anchor_mono_ns(&r->anchor, wall - wall % NS_PER_MS);
}

static int start_load(struct run *r, size_t i, struct err *e)
{
	struct args a = {0};
	int urls_fd = load_urls(&r->plan->loads[i], e);
	if (urls_fd < 0)
		return -1;
	build_load(r, i, r->loads[i].placed ? URLS_AT : urls_fd, &a);
	struct child_how how = {.out = r->loads[i].samples_fd,
				.keep_fd = r->events_fd,
				.keep_too = urls_fd,
				.keep_at = r->loads[i].placed ? EVENTS_AT : 0,
				.control = true,
				.die_with_us = !r->loads[i].placed}; /* its input ends with us, and then all that it started */
	int rc = child_start(&r->loads[i].child, r->loads[i].placed ? "chaos-spread" : "chaos-load", &a, &how, e);
	args_release(&a);
	close(urls_fd);
	return rc ? rc : send_schedule(r, i, e);
}

int send_schedules(struct run *r, struct err *e)
{
	for (size_t i = 0; i < r->plan->load_count; i++)
		if (send_schedule(r, i, e))
			return -1;
	return 0;
}

int start_placed(struct run *r, struct err *e)
{
	r->open_ns = INT64_MAX; /* with such a load, all rates are known */
	for (size_t i = 0; i < r->plan->load_count; i++)
		if (r->loads[i].placed && start_load(r, i, e))
			return -1;
	return 0;
}

/* Slot 0 by the wall clock as it is, from which its clocks were measured, and as rows and events of the run have it. */
static int send_start(struct run *r, size_t i, struct err *e)
{
	int64_t as_us = anchor_wall_ns(&r->anchor, r->t0_ns) / NS_PER_US;
	int64_t stepped_us = (anchor_now().offset_ns - r->anchor.offset_ns) / NS_PER_US;
	char *line = mem_printf("start %" PRId64 " %" PRId64 "\n", as_us + stepped_us, as_us);
	int rc = child_send(&r->loads[i].child, line, strlen(line), e);
	free(line);
	return rc;
}

static int tell_rate(struct run *r, size_t load, int64_t at_ns, const struct step *s, const char *reason, struct err *e)
{
	struct json *j = event_new_at(&r->events, EVENT_LOAD_RATE, at_ns);
	if (r->plan->load_count > 1)
		json_set_str(j, "load", r->plan->loads[load].name);
	json_set_num(j, "rate_rps", s ? s->rps : 0);
	if (s && (s->to_rps < s->rps || s->to_rps > s->rps)) {
		json_set_num(j, "to_rps", s->to_rps);
		json_set_round(j, "ramp_s", ns_to_s(s->ramp_ns), 6);
	}
	if (reason)
		json_set_str(j, "reason", reason);
	return event_send(&r->events, j, e);
}

int tell_placed_rate(struct run *r, const struct step *s, struct err *e)
{
	return tell_rate(r, s->load, r->t0_ns + s->at_ns, s, NULL, e);
}

int tell_placed_end(struct run *r, size_t load, bool planned, struct err *e)
{
	int64_t at_ns = planned ? r->t0_ns + r->plan->scenario->duration_ns : mono_ns();
	return tell_rate(r, load, at_ns, NULL, planned ? "stop" : "signal", e);
}

int start_loads(struct run *r, struct err *e)
{
	r->t0_ns = first_slot(r);
	r->open_ns = plan_open_end(r->plan, 0);
	for (size_t i = 0; i < r->plan->load_count; i++)
		if (r->loads[i].placed ? send_start(r, i, e) : start_load(r, i, e))
			return -1;
	return 0;
}
