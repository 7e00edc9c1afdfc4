/* Starts the long-lived children: the fault session and the loads. */
#include "conduct/run.h"

#include "prepare/fault_check.h"
#include "prepare/load_check.h"

#include "base/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Time for chaos-load to start and connect before its first slot. */
static const int64_t lead_ns = 300 * NS_PER_MS;

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

static void build_load(struct run *r, size_t i, int urls_fd, struct args *a)
{
	char *name = plan_load_file(r->plan, i, "load", ".json"), *summary = rundir_file(&r->dir, name);
	int64_t start_ns = anchor_wall_ns(&r->anchor, r->t0_ns);
	const struct load_conf *c = r->plan->loads[i].conf;
	load_session(a, r->plan, &r->plan->loads[i], urls_fd);
	args_add(a, "--start-at");
	/* A double does not hold the nine digits. */
	args_add(a, "%" PRId64 ".%09" PRId64, start_ns / NS_PER_S, start_ns % NS_PER_S);
	args_number(a, "--anchor", r->anchor.offset_ns);
	args_option(a, "--summary", summary);
	args_add(a, "--events");
	args_add(a, "fd:%d", r->events_fd);
	args_number(a, "--seed", (int64_t)r->plan->seed);
	if (load_audited(r->plan, &r->plan->loads[i]))
		args_option(a, "--audit-run", r->opts->run_id);
	args_add(a, "--quiet"); /* chaos-scenario prints the findings */
	free(summary);
	free(name);
	if (!c || !c->requests)
		return;
	name = plan_load_file(r->plan, i, "requests", ".jsonl");
	args_add(a, "--requests=%s/%s", r->dir.path, name);
	free(name);
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
	int64_t wall = anchor_wall_ns(&r->anchor, mono_ns() + lead_ns);
	return anchor_mono_ns(&r->anchor, wall - wall % NS_PER_MS);
}

static int start_load(struct run *r, size_t i, struct err *e)
{
	struct args a = {0};
	int urls_fd = load_urls(&r->plan->loads[i], e);
	if (urls_fd < 0)
		return -1;
	build_load(r, i, urls_fd, &a);
	struct child_how how = {.out = r->loads[i].samples_fd,
				.keep_fd = r->events_fd,
				.keep_too = urls_fd,
				.control = true,
				.die_with_us = true};
	int rc = child_start(&r->loads[i].child, "chaos-load", &a, &how, e);
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

int start_loads(struct run *r, struct err *e)
{
	r->t0_ns = first_slot(r);
	r->open_ns = plan_open_end(r->plan, 0);
	for (size_t i = 0; i < r->plan->load_count; i++)
		if (start_load(r, i, e))
			return -1;
	return 0;
}
