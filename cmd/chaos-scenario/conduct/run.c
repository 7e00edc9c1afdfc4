#include "conduct/run.h"

#include "prepare/manifest.h"
#include "prepare/steps/targets.h"
#include "conduct/checks.h"
#include "conduct/ending.h"
#include "conduct/stages.h"
#include "conduct/steady.h"
#include "conduct/until.h"

#include "base/units.h"

#include "sys/file.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t tick_ns = 20 * NS_PER_MS;

static void on_step(void *arg)
{
	stages_step(arg);
}

static void on_signal(void *arg, int signo)
{
	struct run *r = arg;
	if (signo == SIGCHLD)
		run_children_ended(r);
	else
		stages_interrupt(r, signo);
	stages_advance(r);
}

static void show_progress(struct run *r)
{
	if (!progress_is_due(&r->progress))
		return;
	struct progress_state s = {.phase = "bringing the nodes up", .heard = &r->heard,
				   .scenario = r->plan->scenario};
	struct hist last;
	hist_init(&last);
	int64_t elapsed = mono_ns() - r->t0_ns;
	if (r->stage == STAGE_RUN || r->stage == STAGE_DRAIN) {
		s.elapsed_ns = elapsed > 0 ? elapsed : 0;
		s.total_ns = r->plan->scenario->duration_ns;
		s.phase_now = plan_phase(r->plan, s.elapsed_ns);
		s.phase = s.phase_now->name;
		s.seconds = r->loads[0].tally.seconds;
		for (size_t i = 0; i < r->plan->load_count; i++) {
			s.rate += r->stage == STAGE_RUN ? r->loads[i].rate : 0;
			s.ok_rps += r->loads[i].tally.ok_rps;
			s.failed_rps += r->loads[i].tally.failed_rps;
			hist_merge(&last, &r->loads[i].tally.last);
		}
		s.p50_ms = last.total ? ns_to_ms(hist_quantile_ns(&last, 0.5)) : 0;
		s.p99_ms = last.total ? ns_to_ms(hist_quantile_ns(&last, 0.99)) : 0;
	} else if (r->stage == STAGE_AUDIT) {
		s.phase = "auditing the writes";
	} else if (r->stage == STAGE_PUT_BACK) {
		s.phase = "putting everything back";
	} else if (r->stage == STAGE_FINDINGS) {
		s.phase = "analysing";
	}
	progress_show(&r->progress, &s);
}

static void on_tick(void *arg)
{
	struct run *r = arg;
	stages_advance(r);
	if (r->stage == STAGE_DONE)
		return;
	for (size_t i = 0; i < r->plan->load_count && r->stage == STAGE_RUN; i++)
		if (r->progress.kind != PROGRESS_NONE || !r->steady)
			tally_update(&r->loads[i].tally, mono_ns());
	steady_check(r, false);
	checks_look(r);
	until_look(r);
	show_progress(r);
	loop_timer_at(r->tick, mono_ns() + tick_ns);
}

/* Signals are caught before the first file is made, so that an interrupted run cleans up. */
static int open_loop(struct run *r, struct err *e)
{
	static const int signals[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
	r->loop = loop_new(e);
	if (!r->loop)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		r->signals[i] = loop_signal_new(r->loop, signals[i], on_signal, r, e);
		if (!r->signals[i])
			return -1;
	}
	r->step_timer = loop_timer_new(r->loop, on_step, r, e);
	r->tick = loop_timer_new(r->loop, on_tick, r, e);
	return r->step_timer && r->tick ? 0 : -1;
}

static int open_loads(struct run *r, struct err *e)
{
	for (size_t i = 0; i < r->plan->load_count; i++) {
		struct run_load *l = &r->loads[i];
		const struct load_conf *c = r->plan->loads[i].conf;
		char *name = plan_load_file(r->plan, i, "samples", ".csv");
		l->samples_fd = rundir_create(&r->dir, name, e);
		free(name);
		if (l->samples_fd < 0)
			return -1;
		tally_init(&l->tally, l->samples_fd, mono_ns());
		if (!c || !c->requests)
			continue;
		name = plan_load_file(r->plan, i, "requests", ".jsonl");
		char *path = rundir_file(&r->dir, name);
		int rc = file_replace(path, c->requests, strlen(c->requests), 0600, e);
		free(path);
		free(name);
		if (rc)
			return -1;
	}
	return 0;
}

static int open_folder(struct run *r, int argc, char **argv, struct err *e)
{
	const struct options *o = r->opts;
	if (rundir_make(&r->dir, o->runs_dir, o->run_id, o->force, e))
		return -1;
	if (manifest_write(&r->dir, r->plan, o, argc, argv, e) ||
	    (r->events_fd = rundir_create(&r->dir, "events.jsonl", e)) < 0 || open_loads(r, e)) {
		rundir_discard(&r->dir);
		return -1;
	}
	return 0;
}

int run_open(struct run *r, int argc, char **argv, struct err *e)
{
	r->events_fd = r->dir.lock_fd = r->node_locks[MODE_HTTP] = r->node_locks[MODE_REDIS] =
		r->node_locks[MODE_PROXY] = -1;
	r->fault.control = r->audit.control = r->leftovers.ls.control = -1;
	r->loads = mem_alloc(r->plan->load_count * sizeof *r->loads);
	for (size_t i = 0; i < r->plan->load_count; r->placed_count += r->loads[i++].placed)
		r->loads[i] = (struct run_load){.child.control = -1, .samples_fd = -1, .placed = load_on(r->plan, &r->plan->loads[i])};
	r->anchor = anchor_now();
	r->steady = r->opts->unsteady;
	progress_init(&r->progress, r->opts->progress);
	if (open_loop(r, e) || node_lock(r->plan, r->opts->run_id, r->node_locks, e) ||
	    open_folder(r, argc, argv, e))
		return -1;
	heard_init(&r->heard, r->events_fd);
	r->events = (struct event_sink){.fd = r->events_fd, .anchor = r->anchor};
	return 0;
}

void run_go(struct run *r)
{
	stages_begin(r);
	loop_timer_at(r->tick, mono_ns());
	loop_run(r->loop);
	progress_clear(&r->progress);
}

void run_close(struct run *r)
{
	checks_release_all(r);
	for (size_t i = 0; i < ARRAY_LEN(r->signals); i++)
		loop_signal_free(r->signals[i]);
	loop_timer_free(r->step_timer);
	loop_timer_free(r->tick);
	loop_free(r->loop);
	for (size_t i = 0; r->loads && i < r->plan->load_count; i++) {
		child_close_control(&r->loads[i].child);
		tally_release(&r->loads[i].tally);
		if (r->loads[i].samples_fd >= 0)
			close(r->loads[i].samples_fd);
	}
	free(r->loads);
	child_close_control(&r->fault);
	findings_release(&r->findings);
	heard_release(&r->heard);
	leftovers_release(&r->leftovers);
	if (r->events_fd >= 0)
		close(r->events_fd);
	rundir_release(&r->dir);
	for (size_t m = 0; m < NODE_LOCKS; m++)
		if (r->node_locks[m] >= 0)
			close(r->node_locks[m]);
}
