#include "detect/sequential.h"

#include "base/buf.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>

/* Marks windows below the threshold inside a silence longer than chance explains. Windows that are
 * not judged are no part of it. */
static void find_silences(struct detection *d, const struct grid *g, const struct baseline *b,
			  struct evidence *e, size_t run_windows)
{
	double length_s = ns_to_s(g->window_ns), last_s = 0, rest_s = 0, requests = 0;
	for (size_t k = 0; k < d->count; k++)
		requests += fmax(0, d->windows[k].expected);
	requests *= fmax(1, (double)run_windows / (double)d->count);
	size_t last_k = 0;
	for (size_t k = 0; k <= d->count; k++) {
		const struct grid_window *w = k < d->count ? &g->windows[k] : NULL;
		if (w && w->completed_ok == 0) {
			rest_s += d->windows[k].judged ? 0 : length_s;
			continue;
		}
		double first_s = (double)k * length_s + (w ? w->first_ok_us / 1e6 : 0) - rest_s;
		for (size_t i = last_k; i <= k && i < d->count; i++) {
			double limit_s = silence_limit_s(&b->noise, d->windows[i].expected / length_s, requests);
			if (e->margin[i] > 0 && first_s - last_s > limit_s) {
				e->certain[i] = true;
				d->windows[i].reasons |= REASON_SILENCE;
				d->windows[i].silent_s = last_s + rest_s + limit_s;
			}
		}
		rest_s = 0;
		if (w)
			last_s = (double)k * length_s + w->last_ok_us / 1e6;
		last_k = k;
	}
}

/* What the segments found say about one window. */
struct mark {
	unsigned reasons;
	bool fine; /* healthy by its own counts */
	size_t alarm;
	double evidence;
};

/* Returns where a sum began that may still become one. */
static size_t mark(struct mark *marks, const struct evidence *e, size_t n, double level,
		   unsigned reason)
{
	struct segment *found;
	size_t open, count = segments_find(e, n, level, &found, &open);
	for (size_t i = 0; i < count; i++)
		for (size_t k = found[i].start; k < found[i].end; k++) {
			struct mark *m = &marks[k];
			if (!m->reasons || found[i].alarm < m->alarm)
				m->alarm = found[i].alarm;
			m->evidence = fmax(m->evidence, found[i].evidence);
			m->reasons |= reason;
		}
	free(found);
	return open;
}

/* Hysteresis: healthy is stricter than within the thresholds. */
static bool healthy(const struct judgement *j, const struct grid_window *w,
		    const struct baseline *b, const struct detect_params *p)
{
	const struct noise *n = &b->noise;
	double slack = fmax(0.1 * j->expected, 3 * sqrt(n->dispersion_1 * j->expected));
	bool enough = p->throughput_drop >= 1 || !(w->completed_ok < j->expected - slack);
	double normal = baseline_errors_unknown(b, p) ? 0 : n->error_rate;
	double most = fmax(p->error_rate / 2, 3 * normal);
	return enough && grid_error_rate(w) <= most && !(j->reasons & ~(unsigned)REASON_SILENCE);
}

/* Joins marked windows to intervals; each ends before the first healthy_windows healthy windows. */
static void join(struct detection *d, const struct mark *marks, size_t healthy_windows)
{
	size_t open_from = SIZE_MAX, in_a_row = 0, last_bad = 0;
	for (size_t k = 0; k <= d->count; k++) {
		struct judgement *j = k < d->count ? &d->windows[k] : NULL;
		bool marked = j && j->judged && marks[k].reasons;
		if (marked && open_from == SIZE_MAX)
			open_from = k;
		if (open_from == SIZE_MAX || (j && !j->judged && !j->unmeasured))
			continue;
		bool bad = marked || (j && (j->unmeasured || !j->healthy));
		in_a_row = bad ? 0 : in_a_row + 1;
		if (bad && !j->unmeasured)
			last_bad = k;
		if (j && in_a_row < healthy_windows)
			continue;
		for (size_t i = open_from; i <= last_bad; i++)
			d->windows[i].anomalous = d->windows[i].judged;
		open_from = SIZE_MAX;
		in_a_row = 0;
	}
}

/* Alarm, evidence and first silence of each interval. */
static void annotate(struct detection *d, const struct mark *marks)
{
	for (size_t i = 0; i < d->interval_count; i++) {
		struct interval *x = &d->intervals[i];
		x->alarm = x->end - 1;
		x->evidence = 0;
		for (size_t k = x->start; k < x->end; k++) {
			if (!marks[k].reasons)
				continue;
			if (marks[k].alarm < x->alarm)
				x->alarm = marks[k].alarm;
			x->evidence = fmax(x->evidence, marks[k].evidence);
			/* fmin ignores NaN */
			x->silent_s = fmin(x->silent_s, d->windows[k].silent_s);
		}
	}
}

/* Inside a segment, a row of fine windows too long for chance is marked healthy; the windows
 * after it are a relapse. */
static void find_breaks(struct detection *d, const struct mark *marks, const struct evidence *tests,
			const unsigned *reasons)
{
	const double chance = log(20); /* log-likelihood ratio for being healthy */
	for (size_t from = 0, to; from < d->count; from = to + 1) {
		unsigned doubted = 0;
		for (to = from; to < d->count && marks[to].reasons && marks[to].fine; to++)
			doubted |= marks[to].reasons;
		bool well = to > from;
		for (size_t i = 0; i < EVIDENCE_TESTS; i++) {
			double sum = 0;
			for (size_t k = from; k < to; k++)
				sum -= tests[i].score[k];
			well = well && (!(doubted & reasons[i]) || sum >= chance);
		}
		for (size_t k = from; well && k < to; k++)
			d->windows[k].healthy = true;
	}
}

void detect_sequentially(struct detection *d, const struct grid *g, const struct baseline *b,
			 const struct detect_params *p)
{
	static const unsigned reasons[EVIDENCE_TESTS] = {REASON_THROUGHPUT, REASON_ERRORS, REASON_LATENCY};
	size_t run_windows = d->judged > p->run_windows ? d->judged : p->run_windows;
	double level = d->alarm_level = alarm_level(run_windows);
	struct mark *marks = mem_alloc((d->count + 1) * sizeof *marks);
	struct evidence tests[EVIDENCE_TESTS] = {evidence_of_throughput(d, g, b, p),
					evidence_of_errors(d, g, b, p), evidence_of_latency(d, g, b, p)};
	find_silences(d, g, b, &tests[0], run_windows);
	for (size_t i = 0; i < EVIDENCE_TESTS; i++) {
		tests[i].open = p->open & reasons[i];
		size_t open = mark(marks, &tests[i], d->count, level, reasons[i]);
		d->settled = open < d->settled ? open : d->settled;
	}
	for (size_t k = 0; k < d->count; k++) {
		struct judgement *j = &d->windows[k];
		marks[k].fine = healthy(j, &g->windows[k], b, p);
		j->healthy = !marks[k].reasons && marks[k].fine;
		j->reasons = marks[k].reasons | (marks[k].reasons ? j->reasons & REASON_SILENCE : 0);
		j->anomalous = false;
	}
	find_breaks(d, marks, tests, reasons);
	for (size_t k = 0; k < d->count; k++)
		d->windows[k].served = d->windows[k].healthy ||
				       (marks[k].fine && !(marks[k].reasons & ~(unsigned)REASON_LATENCY));
	d->joined = true;
	join(d, marks, p->healthy_windows);
	judge_intervals(d, g);
	annotate(d, marks);
	for (size_t i = 0; i < EVIDENCE_TESTS; i++)
		evidence_release(&tests[i]);
	free(marks);
}
