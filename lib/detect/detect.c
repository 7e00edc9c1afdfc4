#include "detect/detect.h"

#include "base/buf.h"
#include "base/units.h"
#include "detect/sequential.h"

#include <math.h>
#include <stdlib.h>

/* A window of which less is within the run is too short to judge. */
static const float COVERED_MIN = 0.5F;

enum { DEAD_MIN = 20 }; /* windows without a success that are a long stretch */

/* Whether the window says anything about the system under test, the warm-up aside. */
bool detect_meaningful(const struct grid *g, const double *planned, size_t k)
{
	const struct grid_window *w = &g->windows[k];
	if (w->unmeasured || w->covered < COVERED_MIN)
		return false;
	return !planned || isnan(planned[k]) || planned[k] > 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double median(double *values, size_t n)
{
	if (n == 0)
		return NAN;
	qsort(values, n, sizeof *values, by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* The median; of small counts, which repeat, the median within its group (as if a count of 5 were
 * spread from 4.5 to 5.5): by the plain one, a rate of 1.4 a window would be 1. */
static double level(double *values, size_t n)
{
	const double small = 20;
	double m = median(values, n);
	if (!(m < small) || n < 20)
		return m;
	size_t below = 0, equal = 0;
	for (size_t i = 0; i < n; i++) {
		below += values[i] < m - 0.5;
		equal += fabs(values[i] - m) <= 0.5;
	}
	if (equal == 0)
		return m;
	return fmax(0, m - 0.5 + ((double)n / 2 - (double)below) / (double)equal);
}

/* The end of the stretch without a success that begins at k, if it is a long one; else k. */
static size_t dead_until(const struct grid *g, size_t k, size_t to)
{
	size_t end = k;
	while (end < to && g->windows[end].completed_ok == 0)
		end++;
	return end - k >= DEAD_MIN ? end : k;
}

static struct baseline take(const struct grid *g, const double *planned, size_t from, size_t to,
			    bool skip_dead)
{
	struct baseline b = {.ok_per_window = NAN, .ok_per_planned = NAN};
	to = to > g->count ? g->count : to;
	if (from >= to)
		return b;
	double *ok = mem_alloc((to - from) * sizeof *ok), *share = mem_alloc((to - from) * sizeof *ok);
	size_t shares = 0;
	for (size_t k = from; k < to; k++) {
		size_t end = skip_dead ? dead_until(g, k, to) : k;
		if (end > k)
			k = end;
		if (k == to || !detect_meaningful(g, planned, k))
			continue;
		double n = g->windows[k].completed_ok;
		double covered = (double)g->windows[k].covered;
		ok[b.windows++] = n / covered;
		if (planned && !isnan(planned[k]))
			share[shares++] = n / planned[k];
	}
	b.ok_per_window = level(ok, b.windows);
	if (shares == b.windows)
		b.ok_per_planned = median(share, shares);
	free(ok);
	free(share);
	return b;
}

struct baseline baseline_of(const struct grid *g, const double *planned, size_t from, size_t to)
{
	return take(g, planned, from, to, false);
}

struct baseline baseline_of_whole(const struct grid *g, const double *planned, size_t from, size_t to)
{
	const double chance = 12; /* so many successes missing in a row are none: exp(-12) */
	struct baseline alive = take(g, planned, from, to, true);
	bool sure = alive.windows >= DEAD_MIN && alive.ok_per_window * DEAD_MIN >= chance;
	return sure ? alive : take(g, planned, from, to, false);
}

double detect_expected(const struct grid *g, const double *planned, const struct baseline *b,
		       size_t k)
{
	if (!b)
		return NAN;
	if (planned && !isnan(planned[k]) && !isnan(b->ok_per_planned))
		return planned[k] * b->ok_per_planned;
	return b->ok_per_window * (double)g->windows[k].covered;
}

static struct judgement judge(const struct grid *g, const double *planned,
			      const struct baseline *b, const struct detect_params *p, size_t k)
{
	const struct grid_window *w = &g->windows[k];
	struct judgement j = {.expected = detect_expected(g, planned, b, k), .ratio = NAN,
			      .silent_s = NAN,
			      .unmeasured = w->unmeasured};
	double starts_s = ns_to_s(g->window_ns) * (double)k;
	j.judged = detect_meaningful(g, planned, k) && starts_s >= p->warmup_s;
	if (j.expected > 0)
		j.ratio = w->completed_ok / j.expected;
	if (!j.judged)
		return j;
	if (j.ratio < 1 - p->throughput_drop)
		j.reasons |= REASON_THROUGHPUT;
	if (grid_error_rate(w) > p->error_rate)
		j.reasons |= REASON_ERRORS;
	j.anomalous = j.reasons != 0;
	j.healthy = !j.anomalous;
	return j;
}

static void extend(struct interval *i, const struct judgement *j, double error_rate, size_t k)
{
	i->end = k + 1;
	i->reasons |= j->reasons;
	i->min_ratio = fmin(i->min_ratio, j->ratio);
	i->max_error_rate = fmax(i->max_error_rate, error_rate);
}

void detect_intervals(struct detection *d, const struct grid *g)
{
	size_t alloc = 0;
	for (size_t k = 0; k < d->count; k++) {
		const struct judgement *j = &d->windows[k];
		if (!j->anomalous)
			continue;
		/* What was not judged in between does not part two windows of one interval. */
		size_t before = k;
		while (d->joined && before > 0 && !d->windows[before - 1].judged)
			before--;
		if (before == 0 || !d->windows[before - 1].anomalous) {
			d->intervals = mem_grow(d->intervals, &alloc, d->interval_count,
						sizeof *d->intervals);
			d->intervals[d->interval_count++] =
				(struct interval){.start = k, .min_ratio = NAN, .alarm = k,
						  .evidence = NAN, .silent_s = NAN};
		}
		extend(&d->intervals[d->interval_count - 1], j, grid_error_rate(&g->windows[k]), k);
	}
}

void detect(struct detection *d, const struct grid *g, const double *planned,
	    const struct baseline *b, const struct detect_params *p)
{
	*d = (struct detection){.count = g->count, .alarm_level = NAN};
	d->windows = mem_alloc((g->count + 1) * sizeof *d->windows);
	for (size_t k = 0; k < g->count; k++) {
		d->windows[k] = judge(g, planned, b, p, k);
		d->judged += d->windows[k].judged;
	}
	if (p->detector == DETECTOR_AUTO && b && b->noise.windows)
		detect_sequentially(d, g, b, p);
	else
		detect_intervals(d, g);
	for (size_t k = 0; k < g->count; k++)
		d->anomalous += d->windows[k].anomalous;
}

void detection_release(struct detection *d)
{
	free(d->windows);
	free(d->intervals);
	*d = (struct detection){0};
}

struct recovery recovery_after(const struct detection *d, double at, double until,
			       size_t healthy_windows)
{
	struct recovery r = {0};
	size_t in_a_row = 0;
	bool well = false; /* since it was affected */
	for (size_t k = at > 0 ? (size_t)at : 0; k < d->count; k++) {
		const struct judgement *j = &d->windows[k];
		if (j->unmeasured)
			in_a_row = 0;
		/* A pause in the plan neither counts nor breaks the row. */
		if (!j->judged)
			continue;
		if (j->anomalous) {
			if (!r.affected)
				r.first = k;
			r.relapses += well && !j->healthy;
			well = j->healthy && (well || r.affected);
			r.affected = true;
			in_a_row = 0;
			continue;
		}
		if (r.affected && !j->healthy) {
			in_a_row = 0;
			well = false;
			continue;
		}
		if (in_a_row++ == 0)
			r.recovered = k;
		well = r.affected;
		if (!r.affected && !((double)r.recovered >= until))
			in_a_row = 0;
		if (in_a_row == healthy_windows)
			return r;
	}
	if (r.affected) {
		r.censored = true;
		r.recovered = d->count;
	}
	return r;
}
