#include "detect/sequential.h"

#include "base/buf.h"
#include "base/num.h"

#include <math.h>
#include <stdlib.h>

enum { DEAD_MIN = 20 }; /* windows without a success in a row: a dead stretch */

/* The median. Small counts repeat, so theirs is interpolated within the group of equal counts, as
 * if a count of 5 were spread from 4.5 to 5.5: the plain median of a rate of 1.4 per window would
 * be 1. */
static double level(double *values, size_t n)
{
	const double small = 20;
	double m = num_median(values, n);
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

/* The end of the dead stretch that begins at k; k if none does. */
static size_t dead_until(const struct grid *g, size_t k, size_t to)
{
	size_t end = k;
	while (end < to && g->windows[end].completed_ok == 0)
		end++;
	return end - k >= DEAD_MIN ? end : k;
}

/* True if windows without a request are usual: at least three rests, which follow a success, one for
 * every ten windows with requests, and twice as many empty windows, or half as many others, as
 * independent requests leave. */
static bool has_rests(const struct grid *g, size_t from, size_t to)
{
	double windows = (double)(to - from), empty = 0, due = 0, rests = 0;
	for (size_t k = from; k < to; k++) {
		bool rest = g->windows[k].due == 0 && !g->windows[k].unmeasured;
		due += g->windows[k].due;
		empty += rest;
		rests += rest && (k == from || g->windows[k - 1].ok);
	}
	double busy = windows - empty, chance = windows * exp(-due / windows);
	return rests >= 3 && rests * 10 >= busy &&
	       (empty >= 2 * chance || 2 * busy <= windows - chance);
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
	b.rests = has_rests(g, from, to);
	for (size_t k = from; k < to; k++) {
		size_t end = skip_dead ? dead_until(g, k, to) : k;
		if (end > k)
			k = end;
		if (k == to || !judge_meaningful(g, planned, k, b.rests))
			continue;
		double n = g->windows[k].completed_ok;
		double covered = (double)g->windows[k].covered;
		ok[b.windows++] = n / covered;
		if (planned && !isnan(planned[k]))
			share[shares++] = n / planned[k];
	}
	b.ok_per_window = level(ok, b.windows);
	if (shares == b.windows)
		b.ok_per_planned = num_median(share, shares);
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
	/* expected successes; the probability that all are missing is exp(-12) */
	const double chance = 12;
	struct baseline alive = take(g, planned, from, to, true);
	bool sure = alive.windows >= DEAD_MIN && alive.ok_per_window * DEAD_MIN >= chance;
	return sure ? alive : take(g, planned, from, to, false);
}

bool baseline_unhealthy(const struct baseline *b, const struct detect_params *p)
{
	const double enough = 3; /* failures; an alarm needs as many */
	return b->noise.failed >= enough && b->noise.failed > p->error_rate * b->noise.tried;
}

bool baseline_errors_unknown(const struct baseline *b, const struct detect_params *p)
{
	return b->noise.windows < BASELINE_MIN || baseline_unhealthy(b, p);
}
