#include "grid/grid.h"

#include "base/buf.h"
#include "base/units.h"
#include "grid/grid_part.h"
#include "grid/pack.h"

#include <stdlib.h>
#include <string.h>

static int by_count(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* Time between requests in the median window: unlike the mean, a pause of the load does not
 * stretch it. */
static int64_t usual_gap(const struct grid *g)
{
	uint32_t *due = mem_alloc((g->used + 1) * sizeof *due);
	size_t n = 0;
	for (size_t i = 0; i < g->used; i++)
		if (g->windows[i].due)
			due[n++] = g->windows[i].due;
	qsort(due, n, sizeof *due, by_count);
	/* Of a live run, all windows with a request may be forgotten. */
	int64_t gap_ns = n ? g->window_ns / due[n / 2] : g->window_ns;
	free(due);
	return gap_ns;
}

/* The end of the time that the last due time stands for, within its window. */
static int64_t end_of_last(const struct grid *g, int64_t gap_ns, bool *estimated)
{
	int64_t k = grid_number(g, g->last_due_ns), unit_ns = g->resolution_ns;
	int64_t edge_ns = g->t0_ns + (k + 1) * g->window_ns, end_ns = g->last_due_ns + unit_ns;
	const struct grid_window *w = grid_exists(g, k) ? &g->windows[k - g->base] : NULL;
	int64_t usual_ns = w ? ((int64_t)w->due + w->unjudged) * gap_ns : unit_ns;
	*estimated = unit_ns == g->window_ns && usual_ns < unit_ns / 2;
	if (*estimated)
		return g->last_due_ns + usual_ns;
	return end_ns < edge_ns ? end_ns : edge_ns;
}

int64_t grid_natural_end(const struct grid *g, bool *estimated)
{
	*estimated = false;
	if (g->counted_until_ns > g->last_due_ns)
		return g->counted_until_ns;
	if (g->rows < 2)
		return g->last_due_ns + 1;
	int64_t gap_ns = usual_gap(g), end_ns = g->last_due_ns + gap_ns;
	int64_t last_ns = end_of_last(g, gap_ns, estimated);
	end_ns = last_ns > end_ns ? last_ns : end_ns;
	int64_t count = (end_ns - g->t0_ns + g->window_ns / 2) / g->window_ns;
	int64_t edge_ns = g->t0_ns + count * g->window_ns;
	return llabs(end_ns - edge_ns) < gap_ns && edge_ns > g->last_due_ns ? edge_ns : end_ns;
}

/* Adds windows before the first row (declared start) and up to the end, drops later ones, and
 * sets how far the run covers the last. Answers after the end count only in the window in which
 * they were due. */
static void trim(struct grid *g)
{
	int64_t length_ns = g->end_ns - g->t0_ns;
	/* Snaps an end within a millisecond of a window's edge. */
	int64_t count = (length_ns - NS_PER_MS + g->window_ns - 1) / g->window_ns;
	int64_t needed = g->rows ? grid_number(g, g->last_due_ns) + 1 : 1;
	count = count < needed ? needed : count > GRID_WINDOWS_MAX ? GRID_WINDOWS_MAX : count;
	grid_cover(g, 0, count - 1);
	if (g->used > (size_t)count) {
		grid_free_windows(g->windows + count, g->used - (size_t)count);
		g->used = (size_t)count;
	}
	g->count = g->used;
	double rest = (double)(length_ns - (count - 1) * g->window_ns) / (double)g->window_ns;
	g->windows[g->count - 1].covered = rest > 0.999 ? 1 : (float)rest;
}

/* Packs all histograms and makes window 0 the first. */
static void tidy(struct grid *g)
{
	grid_settle(g);
	grid_settle_counts(g, false);
	for (size_t i = 0; i < GRID_LIVE; i++)
		grid_put_away(g, i);
	grid_leave(g);
	if (g->base < 0) { /* rows were due before the first ones that came */
		g->t0_ns += g->base * g->window_ns;
		g->base = 0;
	}
	g->early_ns = g->early_ns > g->t0_ns ? g->early_ns : 0;
}

void grid_so_far(struct grid *g, int64_t until_ns)
{
	tidy(g);
	if (!g->declared && g->used == 0)
		g->t0_ns = until_ns;
	g->declared = true;
	int64_t count = (until_ns - g->t0_ns) / g->window_ns;
	count = count > GRID_WINDOWS_MAX ? GRID_WINDOWS_MAX : count;
	if (count > 0)
		grid_cover(g, 0, count - 1);
	g->count = count > 0 ? (size_t)count : 0;
	g->end_ns = g->t0_ns + (int64_t)g->count * g->window_ns;
}

void grid_forget(struct grid *g, size_t n)
{
	tidy(g);
	size_t drop = n < g->used ? n : g->used;
	for (size_t k = 0; k < drop; k++)
		g->left_open += grid_left_open(&g->windows[k]);
	grid_free_windows(g->windows, drop);
	memmove(g->windows, g->windows + drop, (g->used - drop) * sizeof *g->windows);
	g->used -= drop;
	g->count -= n < g->count ? n : g->count;
	g->t0_ns += (int64_t)n * g->window_ns;
}

bool grid_is_before(const struct grid *g, size_t k, int64_t began_ns)
{
	int64_t before_ns = began_ns - g->t0_ns - (int64_t)k * g->window_ns;
	int64_t due = k < g->used && g->windows[k].due ? g->windows[k].due : 1;
	return before_ns > 0 && (before_ns >= g->window_ns || before_ns > (g->window_ns - before_ns) / due);
}

void grid_finish(struct grid *g, int64_t end_ns)
{
	grid_settle_counts(g, true);
	tidy(g);
	if (g->used == 0 && end_ns <= g->t0_ns)
		return;
	end_ns = end_ns > GRID_TIME_MAX_NS ? GRID_TIME_MAX_NS : end_ns;
	bool declared = end_ns > g->last_due_ns && end_ns > g->t0_ns, estimated = false;
	g->end_ns = declared ? end_ns : g->rows ? grid_natural_end(g, &estimated) : g->t0_ns;
	grid_admit(g, g->t0_ns, g->end_ns - 1);
	trim(g);
	g->windows[g->count - 1].estimated = estimated;
	g->ended = true;
}

void grid_latency(const struct grid *g, size_t k, struct hist *out)
{
	hist_init(out);
	grid_latency_add(g, k, k + 1, out);
}

void grid_latency_add(const struct grid *g, size_t from, size_t to, struct hist *out)
{
	for (size_t k = from; k < to && k < g->count; k++)
		hist_unpack_add(g->windows[k].packed, out);
}
