/* Starts the two long-lived children: the fault session and the load. */
#include "conduct/run.h"

#include "prepare/fault_check.h"

#include "base/units.h"
#include "sys/proc.h"
#include "sys/secret.h"

#include <inttypes.h>
#include <stdio.h>
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
	args_number(&a, "--seed", (int64_t)r->seed);
	/* It outlives this process, to put everything back when its control pipe closes. */
	struct child_how how = {.out = r->events_fd, .keep_fd = -1, .control = true};
	int rc = child_start(&r->fault, "chaos-fault", &a, &how, e);
	args_release(&a);
	return rc;
}

/* URLs may hold passwords, and arguments are visible to all users. */
static int open_urls(const struct run *r, struct err *e)
{
	struct buf lines = BUF_INIT;
	for (size_t i = 0; i < r->plan->load.count; i++)
		buf_addf(&lines, "%s\n", r->plan->load.nodes[i]->full_url);
	int fd = secret_fd(lines.data, lines.len, e);
	explicit_bzero(lines.data, lines.len);
	buf_release(&lines);
	return fd;
}

static void build_load(struct run *r, int urls_fd, struct args *a)
{
	char span[SPAN_MAX];
	char *summary = rundir_file(&r->dir, "load.json");
	int64_t start_ns = anchor_wall_ns(&r->anchor, r->t0_ns);
	args_program(a, "chaos-load");
	args_add(a, "--control");
	args_add(a, "--start-at");
	/* A double does not hold the nine digits. */
	args_add(a, "%" PRId64 ".%09" PRId64, start_ns / NS_PER_S, start_ns % NS_PER_S);
	args_number(a, "--anchor", r->anchor.offset_ns);
	args_option(a, "--summary", summary);
	args_add(a, "--events");
	args_add(a, "fd:%d", r->events_fd);
	args_option(a, "--timeout", span_format(r->config->load_timeout_ns, span));
	if (r->config->load_pace_slack_ns >= 0)
		args_option(a, "--pace-slack", span_format(r->config->load_pace_slack_ns, span));
	if (r->config->load_connections)
		args_number(a, "--connections", r->config->load_connections);
	args_number(a, "--seed", (int64_t)r->seed);
	args_add(a, "--quiet"); /* chaos-scenario prints the findings */
	args_add(a, "--urls");
	args_add(a, "fd:%d", urls_fd);
	free(summary);
}

/* Sends the whole schedule in advance, so that the rates do not depend on this process. */
static int send_schedule(struct run *r, struct err *e)
{
	struct buf lines = BUF_INIT;
	const struct plan *p = r->plan;
	for (size_t i = 0; i < p->step_count; i++) {
		const struct step *s = &p->steps[i];
		if (s->kind == STEP_RATE)
			buf_addf(&lines, "@%" PRId64 ".%09" PRId64 " rate %.12g\n",
				 s->at_ns / NS_PER_S, s->at_ns % NS_PER_S, s->rps);
	}
	int64_t end_ns = p->scenario->duration_ns;
	buf_addf(&lines, "@%" PRId64 ".%09" PRId64 " stop\n", end_ns / NS_PER_S, end_ns % NS_PER_S);
	int rc = child_send(&r->load, lines.data, lines.len, e);
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

int start_load(struct run *r, struct err *e)
{
	struct args a = {0};
	r->t0_ns = first_slot(r);
	int urls_fd = open_urls(r, e);
	if (urls_fd < 0)
		return -1;
	build_load(r, urls_fd, &a);
	struct child_how how = {.out = r->samples_fd,
				.keep_fd = r->events_fd,
				.keep_too = urls_fd,
				.control = true,
				.die_with_us = true};
	int rc = child_start(&r->load, "chaos-load", &a, &how, e);
	args_release(&a);
	close(urls_fd);
	return rc ? rc : send_schedule(r, e);
}
