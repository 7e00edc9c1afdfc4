#include "run/run_facts.h"

#include "base/buf.h"
#include "base/units.h"
#include "run/shards.h"
#include "stream/json.h"
#include "sys/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add_step(struct run_facts *f, struct load_profile_step step)
{
	f->steps = mem_grow(f->steps, &f->step_alloc, f->step_count, sizeof *f->steps);
	f->steps[f->step_count++] = step;
}

static void take_load(struct run_facts *f, const struct load_summary *s)
{
	f->t0_ns = s_to_ns(s->start_t);
	f->timeout_ns = s_to_ns(s->timeout_s);
	if (f->t0_ns && s->duration_s > 0)
		f->end_ns = f->t0_ns + s_to_ns(s->duration_s);
	f->has_sound = true;
	f->sound = s->sound;
	for (size_t i = 0; i < s->profile_count; i++) {
		struct load_profile_step step = s->profile[i];
		step.at_s += s->start_t;
		add_step(f, step);
	}
	const struct load_profile_step *last = f->step_count ? &f->steps[f->step_count - 1] : NULL;
	if (last && !(last->to_rps > 0) && last->at_s > s->start_t) /* it was stopped before the run */
		f->end_ns = s_to_ns(last->at_s + last->ramp_s);
}

static int read_load(struct run_facts *f, const char *const *paths, struct err *e)
{
	struct load_summary s;
	int rc = shards_read(&s, paths, f->lacking, sizeof f->lacking, e);
	if (rc == 0) {
		f->shard = s.shard_count > 0;
		f->slots = f->shard ? s.slots : 0;
		take_load(f, &s);
	}
	load_summary_release(&s);
	return rc;
}

static int read_events(struct run_facts *f, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc = file_read(path, &text, e);
	if (rc == 0)
		event_log_parse(&f->log, text.data, text.len);
	buf_release(&text);
	return rc;
}

static void note_load(struct run_facts *f, const char *name)
{
	if (name)
		f->rates_of[f->rates_of[0] && strcmp(f->rates_of[0], name) != 0] = name;
}

/* Uses the events where the load summary is missing (a killed load). The run then ends when the
 * rate is set to 0 for good, else at run_end. */
static void take_events(struct run_facts *f, const char *load)
{
	double end_s = 0;
	bool with_steps = f->step_count == 0, needed = with_steps || f->end_ns == 0;
	for (size_t i = 0; i < f->log.count; i++) {
		const struct event *ev = &f->log.events[i];
		double rate = json_num(json_get(ev->json, "rate_rps"), 0);
		double to = json_num(json_get(ev->json, "to_rps"), rate);
		double ramp_s = json_num(json_get(ev->json, "ramp_s"), 0);
		const char *of = json_str(json_get(ev->json, "load"), NULL);
		if (ev->kind == EVENT_LOAD_RATE && load && of && strcmp(load, of) != 0)
			continue;
		if (ev->kind == EVENT_LOAD_RATE && needed && !load)
			note_load(f, of);
		if (ev->kind == EVENT_LOAD_RATE && with_steps)
			add_step(f, (struct load_profile_step){ev->t, rate, to, ramp_s});
		if (ev->kind == EVENT_LOAD_RATE)
			end_s = to > 0 ? 0 : ev->t + ramp_s;
		else if (ev->kind == EVENT_RUN_END && end_s <= 0)
			end_s = ev->t;
	}
	if (f->end_ns == 0)
		f->end_ns = s_to_ns(end_s);
}

int run_facts_read(struct run_facts *f, const char *const *load_summaries, const char *events, const char *load,
		   struct err *e)
{
	*f = (struct run_facts){0};
	if ((load_summaries && load_summaries[0] && read_load(f, load_summaries, e)) ||
	    (events && read_events(f, events, e))) {
		run_facts_release(f);
		e->code = EXIT_USAGE;
		return -1;
	}
	take_events(f, load);
	return 0;
}

void run_facts_release(struct run_facts *f)
{
	event_log_release(&f->log);
	free(f->steps);
	*f = (struct run_facts){0};
}

int64_t run_facts_start_ns(const struct run_facts *f, bool *exact)
{
	*exact = f->t0_ns != 0;
	return f->t0_ns || f->step_count == 0 ? f->t0_ns : s_to_ns(f->steps[0].at_s);
}

bool run_facts_idle(const struct run_facts *f, int64_t at_ns)
{
	double at_s = ns_to_s(at_ns);
	size_t low = 0, high = f->step_count; /* called ten times a second */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (f->steps[middle].at_s <= at_s)
			low = middle + 1;
		else
			high = middle;
	}
	const struct load_profile_step *now = low ? &f->steps[low - 1] : NULL;
	return now && !(now->to_rps > 0) && at_s >= now->at_s + now->ramp_s;
}

/* Requests due in the first x seconds of a step: the integral of its rate. */
static double due_within(const struct load_profile_step *s, double x)
{
	if (x <= 0)
		return 0;
	if (x < s->ramp_s)
		return s->rate_rps * x + (s->to_rps - s->rate_rps) * x * x / (2 * s->ramp_s);
	return (s->rate_rps + s->to_rps) / 2 * s->ramp_s + s->to_rps * (x - s->ramp_s);
}

/* Snaps a change within a millisecond of a whole second: otherwise the window before a pause
 * would have a thousandth of a request planned. */
static double snap(double s)
{
	return fabs(s - round(s)) < 1e-3 ? round(s) : s;
}

/* The window that holds a time from the start, between 0 and count. */
static size_t window_of(double s, double length_s, size_t count)
{
	double k = floor(s / length_s);
	return !(k > 0) ? 0 : k < (double)count ? (size_t)k : count;
}

double *run_facts_planned(const struct run_facts *f, const struct grid *g)
{
	if (f->step_count == 0)
		return NULL;
	double *planned = mem_alloc((g->count + 1) * sizeof *planned);
	double t0_s = ns_to_s(g->t0_ns), length_s = ns_to_s(g->window_ns);
	double end_s = snap(ns_to_s(g->end_ns - g->t0_ns));
	for (size_t i = 0; i < f->step_count; i++) {
		const struct load_profile_step *s = &f->steps[i];
		bool last = i + 1 == f->step_count;
		double from_s = snap(s->at_s - t0_s);
		double to_s = last ? end_s : fmin(end_s, snap(s[1].at_s - t0_s));
		/* One more window on each side; the exact times below decide. */
		size_t first = window_of(from_s - length_s, length_s, g->count);
		size_t end = window_of(to_s + 2 * length_s, length_s, g->count);
		for (size_t k = first; k < end; k++) {
			double a = fmax(from_s, (double)k * length_s);
			double b = fmin(to_s, (double)(k + 1) * length_s);
			if (b > a)
				planned[k] += due_within(s, b - from_s) - due_within(s, a - from_s);
		}
	}
	return planned;
}
