#include "facts.h"

#include "base/buf.h"
#include "base/units.h"
#include "stream/json.h"
#include "sys/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int read_load(struct facts *f, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	struct json *j = NULL;
	int rc = file_read(path, &text, e);
	if (rc == 0) {
		j = json_parse(text.data, text.len, path, e);
		rc = j ? 0 : -1;
	}
	if (rc == 0 && strncmp(json_str(json_get(j, "schema"), ""), "chaos-load/", 11) != 0)
		rc = err_usage(e, "'%s' is no load summary: its schema is not chaos-load", path);
	if (rc == 0) {
		f->t0_ns = s_to_ns(json_num(json_get(j, "t0"), 0));
		f->timeout_ns = s_to_ns(json_num(json_get(j, "timeout_s"), 0));
		double length_s = json_num(json_get(j, "duration_s"), 0);
		if (f->t0_ns && length_s > 0)
			f->end_ns = f->t0_ns + s_to_ns(length_s);
		f->has_sound = !json_is_null(json_get(j, "sound"));
		f->sound = json_bool(json_get(j, "sound"), false);
	}
	json_free(j);
	buf_release(&text);
	return rc;
}

static int read_events(struct facts *f, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc = file_read(path, &text, e);
	if (rc == 0) {
		event_log_parse(&f->log, text.data, text.len);
		f->has_events = true;
	}
	buf_release(&text);
	return rc;
}

static double rate_of(const struct event *ev)
{
	return json_num(json_get(ev->json, "rps"), (double)NAN);
}

/* Without a load summary the run ends when the load was set to 0 for good, else with run_end. */
static int64_t end_of_events(const struct event_log *log)
{
	double end_s = 0;
	for (size_t i = 0; i < log->count; i++) {
		const struct event *ev = &log->events[i];
		if (ev->kind == EVENT_LOAD_RATE)
			end_s = rate_of(ev) > 0 ? 0 : ev->t;
		else if (ev->kind == EVENT_RUN_END && end_s <= 0)
			end_s = ev->t;
	}
	return s_to_ns(end_s);
}

int facts_read(struct facts *f, const char *load_summary, const char *events, struct err *e)
{
	*f = (struct facts){0};
	if ((load_summary && read_load(f, load_summary, e)) ||
	    (events && read_events(f, events, e))) {
		facts_release(f);
		e->code = EXIT_USAGE;
		return -1;
	}
	if (f->end_ns == 0)
		f->end_ns = end_of_events(&f->log);
	return 0;
}

void facts_release(struct facts *f)
{
	event_log_release(&f->log);
	*f = (struct facts){0};
}

/* Adds a rate from from_s to to_s, in seconds since window 0, to the windows. */
static void add_rate(double *planned, const struct grid *g, double from_s, double to_s, double rps)
{
	double length_s = ns_to_s(g->window_ns);
	for (size_t k = 0; k < g->count; k++) {
		double start_s = (double)k * length_s, end_s = start_s + length_s;
		double overlap_s = fmin(end_s, to_s) - fmax(start_s, from_s);
		if (overlap_s > 1e-6)
			planned[k] = (isnan(planned[k]) ? 0 : planned[k]) + overlap_s * rps;
	}
}

double *facts_planned(const struct facts *f, const struct grid *g)
{
	const struct event *last = NULL;
	double *planned = mem_alloc((g->count + 1) * sizeof *planned);
	double t0_s = ns_to_s(g->t0_ns), end_s = ns_to_s(g->end_ns);
	for (size_t k = 0; k < g->count; k++)
		planned[k] = (double)NAN;
	for (size_t i = 0; i < f->log.count; i++) {
		const struct event *ev = &f->log.events[i];
		if (ev->kind != EVENT_LOAD_RATE || isnan(rate_of(ev)))
			continue;
		if (last)
			add_rate(planned, g, last->t - t0_s, ev->t - t0_s, rate_of(last));
		last = ev;
	}
	if (last) {
		add_rate(planned, g, last->t - t0_s, end_s - t0_s, rate_of(last));
		return planned;
	}
	free(planned);
	return NULL;
}
