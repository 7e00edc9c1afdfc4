#include "run.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "sending/cpu_saturation.h"
#include "cli/diag.h"
#include "sending/control.h"
#include "sending/engine.h"
#include "sending/load_plan.h"
#include "output/output.h"
#include "sending/pacer.h"
#include "output/progress.h"
#include "output/summary.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	READY_MS = 1000,      /* how long slot 0 waits for the transport to get ready */
	LAST_WORDS_MS = 2000, /* how long a slow reader has to take the last rows after a signal */
};

struct load_run {
	const struct load_opts *opts;
	struct loop *loop;
	struct transport_config transport_config;
	struct engine_config engine_config;
	struct control_config control_config;
	struct event_sink events;
	struct pacer pacer;
	struct cpu_saturation cpu;
	struct engine *engine;
	struct output *output;
	struct control *control;
	struct progress_config progress_config;
	struct progress *progress; /* NULL: no progress is shown */
	struct loop_timer *alarm;  /* ends a wait by calling on_alarm */
	void (*on_alarm)(struct load_run *r);
	struct loop_signal *signals[3];
	char *note; /* what the transport has said; NULL: nothing */
	bool ready, waiting_ready;
	int signo, output_errno;
	const char *ended; /* why the schedule ended */
	struct err event_error;
	bool events_failed;
};

static void set_alarm(struct load_run *r, int64_t at, void (*then)(struct load_run *r))
{
	r->on_alarm = then;
	loop_timer_at(r->alarm, at);
}

static void alarm_rang(void *arg)
{
	struct load_run *r = arg;
	r->on_alarm(r);
}

static void stop_loop(struct load_run *r)
{
	loop_stop(r->loop);
}

static void drained(void *arg)
{
	stop_loop(arg);
}

/* All slots have their rows: flushes the buffer. */
static void engine_idle(void *arg)
{
	struct load_run *r = arg;
	output_drain(r->output, drained, r);
}

static void schedule_ended(void *arg)
{
	struct load_run *r = arg;
	if (!r->ended)
		r->ended = r->pacer.schedule.end_ns == r->opts->duration_ns ? "duration" : "stop";
	engine_finish(r->engine);
}

static void slot_due(void *arg, uint64_t slot, int64_t due, int64_t now)
{
	struct load_run *r = arg;
	engine_due(r->engine, slot, due, now);
}

static void slot_ended(void *arg, const struct sample *s)
{
	struct load_run *r = arg;
	output_row(r->output, s);
}

static void transport_ready(void *arg)
{
	struct load_run *r = arg;
	r->ready = true;
	if (r->waiting_ready)
		stop_loop(r);
}

/* Ends everything now: what is under way is aborted. */
static void cut(struct load_run *r, const char *why)
{
	r->ended = why;
	if (!r->engine) /* still waiting to begin */
		return;
	engine_abort(r->engine);
	pacer_cut(&r->pacer);
}

static void output_is_gone(struct load_run *r)
{
	cut(r, r->output_errno == EPIPE ? "closed_output" : "output_error");
	stop_loop(r);
}

/* Called within the engine's callbacks: defers the reaction to the loop. */
static void output_failed(void *arg, int sys_errno)
{
	struct load_run *r = arg;
	r->output_errno = sys_errno;
	set_alarm(r, 0, output_is_gone);
}

static void events_failed(void *arg, const struct err *e)
{
	struct load_run *r = arg;
	if (!r->events_failed)
		r->event_error = *e;
	r->events_failed = true;
}

static void give_up_rows(struct load_run *r)
{
	output_discard(r->output);
	stop_loop(r);
}

static void signal_came(void *arg, int signo)
{
	struct load_run *r = arg;
	if (r->signo) { /* a second signal gives up the remaining rows */
		give_up_rows(r);
		return;
	}
	r->signo = signo;
	if (!r->pacer.started) {
		stop_loop(r);
		return;
	}
	set_alarm(r, mono_ns() + ms_to_ns(LAST_WORDS_MS), give_up_rows);
	cut(r, "signal");
}

static void input_ended(void *arg)
{
	struct load_run *r = arg;
	if (r->pacer.over)
		return;
	r->ended = "end_of_input";
	pacer_end(&r->pacer, 0);
}

static void transport_notes(void *arg, const char *text)
{
	struct load_run *r = arg;
	diag("%s", text);
	free(r->note);
	r->note = mem_strdup(text);
}

static void configure(struct load_run *r, const struct load_opts *o, struct target *t)
{
	r->transport_config = target_config(t, o);
	r->transport_config.loop = r->loop;
	r->engine_config = (struct engine_config){
		.loop = r->loop,
		.transport = t->transport,
		.transport_config = &r->transport_config,
		.node_names = t->names,
		.connections = o->connections,
		.connections_each = o->connections_each,
		.max_inflight_each = o->max_inflight_each,
		.max_inflight = o->max_inflight,
		.timeout_ns = o->timeout_ns,
		.columns = target_columns(o),
		.anchor = r->events.anchor,
		.sample = slot_ended,
		.idle = engine_idle,
		.ready = transport_ready,
		.note = transport_notes,
		.arg = r,
	};
	r->control_config = (struct control_config){
		.load_name = r->opts->load_name,
		.times = &r->opts->times,
		.loop = r->loop,
		.pacer = &r->pacer,
		.events = &r->events,
		.ended = input_ended,
		.failed = events_failed,
		.arg = r,
	};
	r->pacer.fire = slot_due;
	r->pacer.ended = schedule_ended;
	r->pacer.arg = r;
}

static int open_run(struct load_run *r, struct target *t, int out_fd, struct err *e)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	r->loop = loop_new(e);
	if (!r->loop || pacer_init(&r->pacer, r->loop, r->opts->pace_slack_ns, e))
		return -1;
	configure(r, r->opts, t);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (!(r->signals[i] = loop_signal_new(r->loop, signals[i], signal_came, r, e)))
			return -1;
	r->alarm = loop_timer_new(r->loop, alarm_rang, r, e);
	if (!r->alarm)
		return -1;
	r->output = output_new(r->loop, out_fd, output_failed, r, e);
	if (!r->output)
		return -1;
	r->control = control_new(&r->control_config, e);
	if (!r->control)
		return -1;
	r->engine = engine_new(&r->engine_config, e);
	return r->engine ? cpu_saturation_init(&r->cpu, r->loop, &engine_counts(r->engine)->due, e)
			 : -1;
}

static int start_progress(struct load_run *r, struct err *e)
{
	const struct load_opts *o = r->opts;
	r->progress_config = (struct progress_config){.loop = r->loop,
						      .counts = engine_counts(r->engine),
						      .pacer = &r->pacer,
						      .anchor = &r->events.anchor,
						      .fd = STDERR_FILENO,
						      .rows_fd = STDOUT_FILENO};
	bool silent = o->quiet && strcmp(o->progress, "auto") == 0;
	r->progress = progress_new(&r->progress_config, silent ? "none" : o->progress, e);
	return r->progress || e->code == EXIT_OK ? 0 : -1;
}

static void stop_progress(struct load_run *r)
{
	progress_free(r->progress);
	r->progress = NULL;
}

static void close_run(struct load_run *r)
{
	stop_progress(r);
	cpu_saturation_release(&r->cpu);
	engine_free(r->engine);
	control_free(r->control);
	output_free(r->output);
	loop_timer_free(r->alarm);
	free(r->note);
	for (size_t i = 0; i < ARRAY_LEN(r->signals); i++)
		loop_signal_free(r->signals[i]);
	pacer_release(&r->pacer);
	loop_free(r->loop);
}

/* Waits until the transport is ready for slot 0, at most READY_MS: a Redis node may never report
 * its role. */
static void wait_ready(struct load_run *r)
{
	if (r->ready || r->opts->start_at > 0)
		return;
	r->waiting_ready = true;
	set_alarm(r, mono_ns() + ms_to_ns(READY_MS), stop_loop);
	loop_run(r->loop);
	r->waiting_ready = false;
	loop_timer_stop(r->alarm);
}

/* On a whole microsecond of wall time, so that the timestamps' six decimals are exact and
 * none of them is rounded into the next second or the one before. */
static int64_t first_slot(const struct load_run *r)
{
	const struct anchor *a = &r->events.anchor;
	if (r->opts->start_at > 0)
		return anchor_mono_ns(a, llround(r->opts->start_at * 1e6) * NS_PER_US);
	int64_t wall = anchor_wall_ns(a, mono_ns());
	return anchor_mono_ns(a, wall - wall % NS_PER_US);
}

static int start(struct load_run *r, struct err *e)
{
	const struct load_opts *o = r->opts;
	load_plan_fill(o, &r->pacer);
	output_header(r->output, r->engine_config.columns);
	load_plan_announce(o, r->control);
	if (o->control && control_read(r->control, STDIN_FILENO, e))
		return -1;
	int64_t t0 = first_slot(r);
	if (o->resume)
		pacer_skip(&r->pacer, mono_ns() - t0);
	pacer_start(&r->pacer, t0);
	cpu_saturation_start(&r->cpu, r->pacer.t0);
	control_started(r->control);
	return start_progress(r, e);
}

/* Totals, and what they say about the run; returns the exit code. */
static int conclude(struct load_run *r, const struct target *t)
{
	struct load_summary s;
	int code = EXIT_OK;
	struct err e;
	summary_fill(&s, r->opts, t, r->engine, r->output, &r->pacer, &r->cpu, &r->events.anchor,
		     r->ended ? r->ended : "stop");
	if (r->note)
		load_summary_add_remark(&s, r->note);
	engine_free(r->engine); /* frees descriptors for the summary file */
	r->engine = NULL;
	if (summary_write(&s, r->opts->summary, &e))
		code = exit_worse(code, diag_err(&e));
	if (r->output_errno && r->output_errno != EPIPE) {
		diag("cannot write samples: %s", strerror(r->output_errno));
		code = exit_worse(code, EXIT_RUNTIME);
	}
	if (control_has_bad(r->control))
		code = exit_worse(code, EXIT_USAGE);
	if (r->events_failed)
		code = exit_worse(code, diag_err(&r->event_error));
	if (s.rows + s.lost != s.due) {
		diag("%llu slots were due, but %llu rows were written and %llu lost: please report "
		     "this",
		     (unsigned long long)s.due, (unsigned long long)s.rows,
		     (unsigned long long)s.lost);
		code = exit_worse(code, EXIT_RUNTIME);
	}
	if (r->output_errno != EPIPE) {
		if (!s.sound)
			code = exit_worse(code, EXIT_INCONCLUSIVE);
		summary_say(&s, r->opts);
	}
	load_summary_release(&s);
	return code;
}

struct run_result run_load(const struct load_opts *o, struct target *t, int out_fd,
			   int events_fd)
{
	struct load_run r = {.opts = o};
	struct run_result result = {0};
	struct err e;
	r.events = (struct event_sink){.fd = events_fd,
				       .anchor = o->anchor_ns ? (struct anchor){o->anchor_ns}
							      : anchor_now()};
	if (open_run(&r, t, out_fd, &e)) {
		result.code = diag_err(&e);
		close_run(&r);
		return result;
	}
	wait_ready(&r);
	if (!r.signo) {
		if (start(&r, &e)) {
			result.code = diag_err(&e);
			cut(&r, "stop");
		} else {
			loop_run(r.loop);
			stop_progress(&r);
			cpu_saturation_stop(&r.cpu);
			control_finish(r.control, r.pacer.schedule.end_ns,
				       r.ended ? r.ended : "stop");
		}
		result.code = exit_worse(result.code, conclude(&r, t));
	}
	result.signo = r.signo;
	close_run(&r);
	return result;
}
