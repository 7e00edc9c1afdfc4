#include "judge/already.h"

#include "base/units.h"

#include <math.h>

enum { LASTED = 3, REASONS = 4 };

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

void count_before(const struct run *r, size_t from, size_t to, double at_s, double *due, double *err)
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

bool failed_already(const struct run *r, const struct detection *d, double at_s, size_t from, size_t to)
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
