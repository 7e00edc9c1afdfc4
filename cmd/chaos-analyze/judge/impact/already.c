#include "judge/impact/already.h"

#include "base/units.h"

#include <math.h>
#include <stdlib.h>

enum { LASTED = 3, REASONS = 4, RISE_MIN = 10 /* windows that tell of a trend */ };

struct stretch {
	double due, err, windows, with[REASONS];
};

static struct stretch of(const struct grid *g, const struct detection *d, size_t from, size_t to)
{
	struct stretch s = {0};
	for (size_t k = from; k < to; k++) {
		if (!d->windows[k].judged)
			continue;
		s.windows++;
		s.due += g->windows[k].due;
		s.err += g->windows[k].err;
		for (unsigned i = 0; i < REASONS; i++)
			s.with[i] += d->windows[k].reasons >> i & 1;
	}
	return s;
}

/* More by three standard errors, or another kind of trouble in more than half of the windows. */
static bool is_worse(const struct stretch *now, const struct stretch *before)
{
	double p = (now->err + before->err) / (now->due + before->due);
	double more = now->err / now->due - before->err / before->due;
	bool worse = more > 3 * sqrt(p * (1 - p) * (1 / now->due + 1 / before->due));
	for (unsigned i = 0; i < REASONS; i++)
		worse = worse || now->with[i] / now->windows - before->with[i] / before->windows > 0.5;
	return worse;
}

void count_before(const struct run_data *r, size_t from, size_t to, double at_s, double *due, double *err)
{
	const struct records *rows = &r->records;
	double since = ns_to_s(r->grid.t0_ns + (int64_t)from * r->grid.window_ns);
	bool by_rows = rows->count && !rows->exceeded && !r->counts;
	*due = *err = 0;
	for (size_t i = 0; by_rows && i < rows->count; i++) {
		const struct record *x = &rows->all[i];
		bool counts = ns_to_s(record_due_ns(x)) >= since && ns_to_s(record_end_ns(x)) < at_s;
		*due += counts;
		*err += counts && x->failed;
	}
	for (size_t k = from; !by_rows && k < to && k < r->grid.count; k++) {
		*due += r->grid.windows[k].due;
		*err += r->grid.windows[k].err;
	}
}

bool failed_already(const struct run_data *r, const struct detection *d, double at_s, size_t from, size_t to)
{
	const struct grid *g = &r->grid;
	for (size_t i = 0; i < d->interval_count; i++) {
		const struct interval *x = &d->intervals[i];
		if (x->start + LASTED > from || x->end <= from)
			continue;
		size_t end = x->end < to ? x->end : to;
		struct stretch before = of(g, d, x->start, from), now = of(g, d, from, end < g->count ? end : g->count);
		count_before(r, x->start, from, at_s, &before.due, &before.err);
		/* how slow it was is not compared */
		return before.err > 0 && before.with[2] <= 0 && now.due > 0 && !is_worse(&now, &before);
	}
	return false;
}

/* Sums of windows: x is their number, y the logarithm of latency, of its median and of what a tenth exceeds. */
struct sums {
	double n, x, y, xx, xy;
};

/* False where the window tells no latency. */
static bool level_of(const struct grid *g, const struct detection *d, size_t k, struct hist *h, double *y)
{
	grid_latency(g, k, h);
	*y = log((double)hist_quantile_ns(h, 0.5)) + log((double)hist_quantile_ns(h, 0.9));
	return d->windows[k].judged && isfinite(*y); /* NaN or infinite if there is no success, or one of 0 */
}

static struct sums sums_of(const struct grid *g, const struct detection *d, size_t from, size_t to, struct hist *h)
{
	struct sums s = {0};
	double y;
	for (size_t k = from; k < to; k++) {
		double x = (double)k;
		if (level_of(g, d, k, h, &y))
			s = (struct sums){s.n + 1, s.x + x, s.y + y, s.xx + x * x, s.xy + x * y};
	}
	return s;
}

/* The rise in each window by least squares; 0 unless it is more than three standard errors of it, which grow
 * with what the residuals have in common from one to the next. */
static double rise_of(const struct grid *g, const struct detection *d, size_t to, struct hist *h)
{
	struct sums s = sums_of(g, d, 0, to, h);
	double spread = s.xx - s.x * s.x / s.n, slope = (s.xy - s.x * s.y / s.n) / spread;
	double square = 0, next = 0, last = 0, y;
	if (s.n < RISE_MIN)
		return 0;
	for (size_t k = 0; k < to; k++) {
		if (!level_of(g, d, k, h, &y))
			continue;
		double rest = y - s.y / s.n - slope * ((double)k - s.x / s.n);
		square += rest * rest;
		next += rest * last;
		last = rest;
	}
	double rho = fmin(0.9, fmax(0, next / square));
	return slope > 3 * sqrt(square / (s.n - 2) / spread * (1 + rho) / (1 - rho)) ? slope : 0;
}

bool rose_already(const struct run_data *r, const struct detection *d, size_t from)
{
	const struct grid *g = &r->grid;
	unsigned reasons = 0;
	for (size_t k = from; k < d->count; k++)
		reasons |= d->windows[k].anomalous ? d->windows[k].reasons : 0;
	if (reasons != REASON_LATENCY)
		return false;
	struct hist *h = hist_new();
	struct sums before = sums_of(g, d, 0, from, h), now = sums_of(g, d, from, d->count, h);
	double rise = rise_of(g, d, from, h);
	free(h);
	return rise > 0 && 2 * rise * (now.x / now.n - before.x / before.n) > now.y / now.n - before.y / before.n;
}
