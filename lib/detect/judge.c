#include "detect/sequential.h"

#include "base/buf.h"
#include "base/units.h"

#include <math.h>

/* A window with a smaller fraction inside the run is too short to judge. */
static const float COVERED_MIN = 0.5F;

bool judge_meaningful(const struct grid *g, const double *planned, size_t k, bool rests)
{
	const struct grid_window *w = &g->windows[k];
	bool known = planned && !isnan(planned[k]);
	if (w->unmeasured || (w->covered < COVERED_MIN && !w->estimated) || (known && !(planned[k] > 0)))
		return false;
	return w->due || !(rests || (known && planned[k] < 1));
}

static double expected(const struct grid *g, const double *planned, const struct baseline *b,
		       size_t k)
{
	if (!b)
		return NAN;
	if (planned && !isnan(planned[k]) && !isnan(b->ok_per_planned))
		return planned[k] * b->ok_per_planned;
	return b->ok_per_window * (double)g->windows[k].covered;
}

struct judgement judge_window(const struct grid *g, const double *planned,
			      const struct baseline *b, const struct detect_params *p, size_t k)
{
	const struct grid_window *w = &g->windows[k];
	struct judgement j = {.expected = expected(g, planned, b, k), .ratio = NAN,
			      .silent_s = NAN, .unmeasured = w->unmeasured};
	double starts_s = ns_to_s(g->window_ns) * (double)k;
	j.judged = judge_meaningful(g, planned, k, b && b->rests) && starts_s >= p->warmup_s;
	if (j.expected > 0)
		j.ratio = w->completed_ok / j.expected;
	if (!j.judged)
		return j;
	if (j.ratio < 1 - p->throughput_drop)
		j.reasons |= REASON_THROUGHPUT;
	if (grid_error_rate(w) > p->error_rate)
		j.reasons |= REASON_ERRORS;
	j.anomalous = j.reasons != 0;
	j.healthy = j.served = !j.anomalous;
	return j;
}

static void extend(struct interval *i, const struct judgement *j, double error_rate, size_t k)
{
	i->end = k + 1;
	i->reasons |= j->reasons;
	i->min_ratio = fmin(i->min_ratio, j->ratio);
	i->max_error_rate = fmax(i->max_error_rate, error_rate);
}

void judge_intervals(struct detection *d, const struct grid *g)
{
	size_t alloc = 0;
	for (size_t k = 0; k < d->count; k++) {
		const struct judgement *j = &d->windows[k];
		if (!j->anomalous)
			continue;
		/* Windows that were not judged do not split an interval. */
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
