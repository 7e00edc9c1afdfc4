#include "judge/impact/faults.h"

#include "judge/impact/already.h"
#include "judge/impact/blackout.h"

#include "base/buf.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool concerns_fault(const struct event *ev)
{
	enum event_kind k = ev->kind;
	return k == EVENT_FAULT_REQUESTED || k == EVENT_FAULT_INJECTED ||
	       k == EVENT_FAULT_VERIFIED || k == EVENT_REVERT_REQUESTED || k == EVENT_REVERTED ||
	       k == EVENT_REVERT_FAILED || (k == EVENT_NODE_DOWN && ev->fault);
}

/* The fault of an event, added if its UID is new. Faults without a UID are identified by action
 * and node. */
static struct judged_fault *fault_of(struct faults *f, size_t *alloc, const struct event *ev)
{
	for (size_t i = f->count; i-- > 0;) {
		struct judged_fault *x = &f->all[i];
		if (ev->fault ? same(x->uid, ev->fault)
			      : !x->uid && same(x->action, ev->action) && same(x->node, ev->node))
			return x;
	}
	const double none = (double)NAN;
	f->all = mem_grow(f->all, alloc, f->count, sizeof *f->all);
	f->all[f->count] = (struct judged_fault){.uid = ev->fault, .requested = none, .injected = none,
					  .revert_requested = none, .reverted = none,
					  .healed_s = none};
	return &f->all[f->count++];
}

static void note(struct judged_fault *x, const struct event *ev)
{
	x->action = x->action ? x->action : ev->action;
	x->node = x->node ? x->node : ev->node;
	x->url = x->url ? x->url : ev->url;
	if (ev->kind == EVENT_FAULT_REQUESTED && isnan(x->requested)) {
		x->requested = ev->t;
		x->line = json_int(json_get(ev->json, "line"), 0);
	}
	if (ev->kind == EVENT_FAULT_INJECTED && isnan(x->injected))
		x->injected = ev->t;
	if (ev->kind == EVENT_REVERT_REQUESTED && isnan(x->revert_requested))
		x->revert_requested = ev->t;
	x->verified = x->verified || ev->kind == EVENT_FAULT_VERIFIED;
	x->was_up = x->was_up || (ev->kind == EVENT_FAULT_VERIFIED && same(json_str(json_get(ev->json, "state"), NULL), "up"));
	x->node_down = x->node_down || ev->kind == EVENT_NODE_DOWN;
	x->past = json_str(json_get(ev->json, "past"), x->past);
	x->effect = json_str(json_get(ev->json, "effect"), x->effect);
	x->ends = json_str(json_get(ev->json, "ends"), x->ends);
	x->ends_with_target = x->ends && strcmp(x->ends, "target") == 0;
	if (ev->kind == EVENT_REVERTED) {
		x->reverted = ev->t;
		x->healed_s = json_num(json_get(ev->json, "healed_s"), (double)NAN);
		x->by_other = json_bool(json_get(ev->json, "by_other"), false) && !x->ends_with_target;
	}
	x->revert_failed = x->revert_failed || ev->kind == EVENT_REVERT_FAILED;
}

void faults_find(struct faults *f, const struct event_log *log)
{
	size_t alloc = 0;
	*f = (struct faults){0};
	for (size_t i = 0; i < log->count; i++)
		if (concerns_fault(&log->events[i]))
			note(fault_of(f, &alloc, &log->events[i]), &log->events[i]);
}

int fault_at_parse(const char *text, double *at_s, double *until_s, struct err *e)
{
	char from[32];
	const char *dots = strstr(text, ".."), *dash = strchr(text, '-');
	const char *end = dots ? dots : dash;
	size_t len = end ? (size_t)(end - text) : strlen(text);
	int64_t at_ns, until_ns;
	*until_s = (double)NAN;
	if (len < sizeof from && !(dots && dots[2] == '.')) { /* "0...5" is not up to .5 */
		memcpy(from, text, len);
		from[len] = '\0';
		bool fits = span_parse(from, &at_ns) == 0;
		*at_s = fits ? ns_to_s(at_ns) : 0;
		if (fits && !end)
			return 0;
		if (fits && span_parse(end + (dots ? 2 : 1), &until_ns) == 0 && until_ns >= at_ns) {
			*until_s = ns_to_s(until_ns);
			return 0;
		}
	}
	return err_usage(e, "wrong fault '%s': want AT or AT..UNTIL, times of the run as 30, 5..9 or 1m..1m30s", text);
}

void faults_add_at(struct faults *f, const char *const *texts, size_t count, double t0_s)
{
	struct err e;
	f->all = mem_realloc(f->all, f->count + count + 1, sizeof *f->all);
	for (size_t i = 0; i < count; i++) {
		double at_s, until_s;
		if (fault_at_parse(texts[i], &at_s, &until_s, &e))
			continue;
		f->all[f->count++] = (struct judged_fault){.uid = texts[i], .requested = (double)NAN,
						    .injected = t0_s + at_s,
						    .revert_requested = (double)NAN,
						    .reverted = t0_s + until_s,
						    .healed_s = (double)NAN};
	}
}

void faults_release(struct faults *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->all[i].nodes.all), free(f->all[i].ops.all);
	free(f->all);
	*f = (struct faults){0};
}

void faults_place(struct faults *f, double t0_s)
{
	for (size_t i = 0; i < f->count; i++) {
		struct judged_fault *x = &f->all[i];
		x->at_s = (isnan(x->injected) ? x->requested : x->injected) - t0_s;
	}
}

/* The window of a time of the run. Events and options may tell any time: what no window can have
 * is its nearest bound. */
static size_t window_of(double at_s, double length_s)
{
	double k = at_s / length_s;
	return !(k > 0) ? 0 : k < (double)GRID_WINDOWS_MAX ? (size_t)k : (size_t)GRID_WINDOWS_MAX;
}

size_t faults_first(const struct faults *f, double window_s, size_t otherwise)
{
	size_t first = otherwise;
	for (size_t i = 0; i < f->count; i++) {
		double at = fmax(0, fault_begins_s(&f->all[i])) / window_s;
		if (f->all[i].at_s >= 0 && at < (double)first)
			first = (size_t)at;
	}
	return first;
}

static double us_to_s(uint32_t us)
{
	return us / 1e6;
}

double fault_start(const struct judged_fault *f)
{
	return isnan(f->requested) ? f->injected : f->requested;
}

/* Where only windows are known. Requests in flight at the injection can fail because of it although
 * they were due before; the result is then at_s. */
static double first_error(const struct grid *g, double at_s, size_t until)
{
	double length_s = ns_to_s(g->window_ns);
	for (size_t k = window_of(at_s, length_s); k < until; k++)
		if (g->windows[k].err)
			return fmax(at_s, (double)k * length_s + us_to_s(g->windows[k].first_err_us));
	return (double)NAN;
}

/* Requests that were never sent: what is expected beyond what was due, if that is more than chance
 * leaves. With a known plan each request has a row. */
static double missing(const struct run_data *r, const struct detection *d, size_t from, size_t to)
{
	double due = 0, expected = 0;
	for (size_t k = from; k < to && k < r->grid.count; k++) {
		if (!d->windows[k].anomalous || isnan(d->windows[k].expected))
			continue;
		due += r->grid.windows[k].due;
		expected += d->windows[k].expected;
	}
	return r->planned || due > expected - 3 * sqrt(expected) ? 0 : expected - due;
}

static double failures(const struct grid *g, size_t from, size_t to)
{
	double sum = 0;
	for (size_t k = from; k < to && k < g->count; k++)
		sum += g->windows[k].err;
	return sum;
}

double successes_lost(const struct run_data *r, const struct detection *d, size_t from, size_t to)
{
	return failures(&r->grid, from, to) + missing(r, d, from, to);
}

/* The first success completed from at_s on. If the window of at_s has successes before and after
 * it, estimates one mean gap after at_s, or the last success if that is earlier. */
static double first_success(const struct grid *g, double at_s)
{
	double length_s = ns_to_s(g->window_ns);
	for (size_t k = window_of(at_s, length_s); k < g->count; k++) {
		const struct grid_window *w = &g->windows[k];
		double start_s = (double)k * length_s;
		double first_s = start_s + us_to_s(w->first_ok_us);
		double last_s = start_s + us_to_s(w->last_ok_us);
		if (w->completed_ok == 0 || last_s < at_s)
			continue;
		return first_s >= at_s ? first_s : fmin(last_s, at_s + length_s / w->completed_ok);
	}
	return (double)NAN;
}

/* NaN if no window tells how many were expected. */
static double depth(const struct detection *d, size_t from, size_t to)
{
	double least = (double)NAN;
	for (size_t k = from; k < to && k < d->count; k++)
		if (d->windows[k].judged)
			least = fmin(least, d->windows[k].ratio); /* ignores NaN */
	return least > 1 ? 0 : 1 - least;
}

static size_t alarm_of(const struct detection *d, size_t window)
{
	for (size_t i = 0; i < d->interval_count; i++)
		if (window >= d->intervals[i].start && window < d->intervals[i].end)
			return d->intervals[i].alarm > window ? d->intervals[i].alarm : window;
	return window;
}

/* The first silence in the windows [from, to) that became certain after at_s. */
static double silent_after(const struct detection *d, double at_s, size_t from, size_t to)
{
	for (size_t k = from; k < to && k < d->count; k++)
		if (d->windows[k].silent_s >= at_s && d->windows[k].anomalous)
			return d->windows[k].silent_s;
	return (double)NAN;
}

static bool any_judged(const struct detection *d, size_t from, size_t to)
{
	for (size_t k = from; k < to && k < d->count; k++)
		if (d->windows[k].judged)
			return true;
	return false;
}

double fault_next(const struct faults *f, const struct judged_fault *x, double t0_s, bool reverted)
{
	double next = (double)NAN, since = reverted ? x->reverted : fault_start(x);
	for (size_t i = 0; i < f->count; i++) {
		double start = fault_start(&f->all[i]);
		if (start > since || (reverted && start >= since))
			next = fmin(next, start); /* fmin ignores NaN */
	}
	return next - t0_s;
}

/* What the windows from the injection to end tell. */
static void follow_windows(struct judged_fault *x, const struct faults *f, const struct run_data *r,
			   const struct detection *d, size_t end)
{
	const struct grid *g = &r->grid;
	size_t at = window_of(fault_begins_s(x), x->window_s);
	double later_s = fault_next(f, x, ns_to_s(g->t0_ns), false), later = later_s / x->window_s;
	size_t until = later >= 0 && later < (double)end ? (size_t)later : end;
	for (size_t k = at; k < end && k < d->count; k++)
		x->reasons |= d->windows[k].anomalous ? d->windows[k].reasons : 0;
	x->alarm = alarm_of(d, x->after.first);
	x->silent_s = silent_after(d, fault_begins_s(x), at, end);
	x->followed_s = (double)end * x->window_s;
	x->next_s = later_s;
	x->blackout_s = blackout_of_windows(g, fault_begins_s(x), end, later_s);
	x->missing = missing(r, d, at, until); /* of each window to the last fault before it */
	x->lost = failures(g, at, end) + x->missing;
	x->depth = depth(d, at, end);
}

void faults_find_unsteady(struct faults *f, const struct run_data *r, size_t from)
{
	double until = (double)INFINITY, due, err;
	size_t first = faults_first(f, ns_to_s(r->grid.window_ns), r->grid.count);
	for (size_t i = 0; i < f->count; i++)
		if (f->all[i].at_s >= 0)
			until = fmin(until, fault_start(&f->all[i]));
	count_before(r, from, first, until, &due, &err);
	if (!(due > 0)) /* it lies in the warm-up, or in its last window */
		count_before(r, 0, first, until, &due, &err);
	if (isfinite(until) && due > 0 && 2 * err > due)
		f->unsteady = err < due ? "more than half of the requests before the first fault failed"
					: "nothing succeeded before the first fault";
}

void fault_follow(struct judged_fault *x, const struct faults *f, const struct run_data *r,
		  const struct detection *d, double normal_per_s, size_t healthy_windows)
{
	const struct grid *g = &r->grid;
	double length_s = ns_to_s(g->window_ns), t0_s = ns_to_s(g->t0_ns);
	x->at_s = (isnan(x->injected) ? x->requested : x->injected) - t0_s;
	x->end_s = ns_to_s(g->end_ns) - t0_s;
	x->window_s = length_s;
	x->normal_per_s = normal_per_s;
	x->first_error_s = x->first_success_s = x->silent_s = (double)NAN;
	x->unjudged = f->unsteady;
	if (f->unsteady || isnan(x->at_s) || x->at_s < 0 || x->at_s / length_s >= (double)g->count)
		return;
	double until = isnan(x->reverted) ? (double)NAN : (x->reverted - t0_s) / length_s;
	double next = fault_next(f, x, t0_s, true) / length_s, begins_s = fault_begins_s(x);
	x->after = recovery_after(d, begins_s / length_s, until, next, healthy_windows);
	size_t at = window_of(begins_s, length_s), lifted_at = isnan(until) ? g->count : window_of(until, 1) + 1;
	if (x->after.affected && !f->anyway && at == faults_first(f, length_s, at)) {
		if (failed_already(r, d, fault_start(x), at, lifted_at))
			x->unjudged = "as many requests failed before it, in the anomaly that lasted when it began";
		else if (x->after.censored && rose_already(r, d, at))
			x->unjudged = "latency rose before it already, and went on rising";
		if (x->unjudged) {
			x->after = (struct recovery){0};
			return;
		}
	}
	double lifted = isnan(x->revert_requested) ? x->reverted : x->revert_requested;
	x->unseen = x->after.affected && x->after.censored && lifted - t0_s > x->end_s + length_s;
	size_t end = x->after.affected ? x->after.recovered
		     : isnan(until) || until > (double)g->count ? g->count
			: window_of(fmax(x->reverted - t0_s, x->at_s), length_s) + 1;
	end = end > g->count ? g->count : end;
	x->judged = any_judged(d, at, end);
	x->first_error_s = first_error(g, x->at_s, end);
	if (!isnan(until) && until >= 0 && until < (double)g->count)
		x->first_success_s = first_success(g, x->reverted - t0_s);
	if (x->after.affected)
		follow_windows(x, f, r, d, end);
	x->outage_equiv_s = normal_per_s > 0 ? x->lost / normal_per_s : (double)NAN;
}

void faults_follow(struct faults *f, const struct run_data *r, const struct detection *d,
		   double normal_per_s, size_t healthy_windows)
{
	for (size_t i = 0; i < f->count; i++)
		fault_follow(&f->all[i], f, r, d, normal_per_s, healthy_windows);
}

bool fault_mostly_failed(const struct judged_fault *f)
{
	const struct tally *own = &f->shares[SHARE_OWN], *shared = &f->shares[SHARE_SHARED];
	return 2 * (own->err + shared->err) > own->due + shared->due;
}

double fault_recovery_s(const struct judged_fault *f)
{
	if (!f->after.affected)
		return f->judged ? 0 : (double)NAN;
	return fmax(0, fmin((double)f->after.recovered * f->window_s, f->end_s) - f->at_s);
}

double fault_trouble_s(const struct judged_fault *f, const struct trouble *t)
{
	if (!f->after.affected || !t->seen)
		return f->judged ? 0 : (double)NAN;
	return t->over ? fmax(0, (double)t->end * f->window_s - f->at_s) : (double)NAN;
}
