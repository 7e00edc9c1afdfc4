#include "grid/grid.h"

#include "base/buf.h"
#include "base/units.h"
#include "grid/grid_part.h"

#include <stdlib.h>

/* The number of n evenly spread requests in the first part_ns of length_ns. */
static uint32_t share(uint32_t n, int64_t part_ns, int64_t length_ns)
{
	return part_ns >= length_ns ? n : (uint32_t)(n * ((double)part_ns / (double)length_ns));
}

static uint32_t to_us(double ns)
{
	return (uint32_t)(ns / NS_PER_US);
}

/* Adds ok and err requests, evenly between two offsets from the start of window k. */
static void put(struct grid *g, int64_t k, int64_t from_ns, int64_t to_ns, uint32_t ok,
		uint32_t err, const struct grid_counts *c)
{
	struct grid_window *w = grid_window(g, k);
	double length_ns = (double)(to_ns - from_ns);
	w->due += ok + err;
	w->ok += ok;
	w->err += err;
	w->completed_ok += ok;
	w->completed_err += err;
	g->rows += ok + err;
	if (ok) {
		uint32_t first_us = to_us((double)from_ns + length_ns / (2.0 * ok));
		uint32_t last_us = to_us((double)to_ns - length_ns / (2.0 * ok));
		w->first_ok_us = first_us < w->first_ok_us ? first_us : w->first_ok_us;
		w->last_ok_us = grid_is_later(last_us, w->last_ok_us) ? last_us : w->last_ok_us;
	}
	if (err) {
		uint32_t first_us = to_us((double)from_ns + length_ns / (2.0 * err));
		w->first_err_us = first_us < w->first_err_us ? first_us : w->first_err_us;
		if (!w->classes)
			w->classes = mem_alloc(GRID_CLASSES * sizeof *w->classes);
		w->classes[c->error % GRID_CLASSES] += err;
	}
	if (ok && c->p50_ns >= 0 && c->p95_ns >= c->p50_ns && c->p99_ns >= c->p95_ns)
		hist_record_quantiles(grid_live(g, k), ok, c->p50_ns, c->p95_ns, c->p99_ns);
}

/* True if a window from first to last would exceed GRID_DUE_MAX. */
static bool too_many(const struct grid *g, int64_t first, int64_t last, const struct grid_counts *c)
{
	for (int64_t k = first; k <= last; k++)
		if ((uint64_t)c->ok + c->err + g->windows[k - g->base].due > GRID_DUE_MAX)
			return true;
	return false;
}

static void spread(struct grid *g, const struct grid_counts *c)
{
	int64_t end_ns = c->from_ns + c->length_ns, last_ns = end_ns - 1;
	uint32_t ok = 0, err = 0;
	bool early = g->declared && grid_number(g, c->from_ns) < 0;
	if (early || !grid_admit(g, c->from_ns, last_ns)) {
		g->outside++;
		g->far += !early;
		return;
	}
	int64_t first = grid_number(g, c->from_ns), last = grid_number(g, last_ns);
	grid_note_early(g, c->from_ns);
	grid_cover(g, first, last);
	if (too_many(g, first, last, c)) {
		g->overfull++;
		return;
	}
	for (int64_t k = first; k <= last; k++) {
		int64_t start_ns = g->t0_ns + k * g->window_ns;
		int64_t from_ns = k == first ? c->from_ns : start_ns;
		int64_t to_ns = k == last ? end_ns : start_ns + g->window_ns;
		uint32_t all_ok = share(c->ok, to_ns - c->from_ns, c->length_ns);
		uint32_t all_err = share(c->err, to_ns - c->from_ns, c->length_ns);
		put(g, k, from_ns - start_ns, to_ns - start_ns, all_ok - ok, all_err - err, c);
		ok = all_ok;
		err = all_err;
	}
	grid_leave(g); /* the cached histogram may now belong to another window */
	g->last_due_ns = last_ns > g->last_due_ns ? last_ns : g->last_due_ns;
	g->counted_until_ns = end_ns > g->counted_until_ns ? end_ns : g->counted_until_ns;
}

static int by_time(const void *a, const void *b)
{
	int64_t x = ((const struct grid_counts *)a)->from_ns,
		y = ((const struct grid_counts *)b)->from_ns;
	return x < y ? -1 : x > y;
}

/* The shortest distance between two buffered rows; 0 if there are fewer than two. */
static int64_t step(struct grid *g)
{
	int64_t step_ns = 0;
	qsort(g->unsized, g->unsized_count, sizeof *g->unsized, by_time);
	for (size_t i = 1; i < g->unsized_count; i++) {
		int64_t ns = g->unsized[i].from_ns - g->unsized[i - 1].from_ns;
		if (ns > 0 && (step_ns == 0 || ns < step_ns))
			step_ns = ns;
	}
	return step_ns;
}

void grid_settle_counts(struct grid *g, bool at_any_rate)
{
	if (g->unsized_count == 0)
		return;
	g->step_ns = step(g);
	if (g->step_ns == 0 && at_any_rate)
		g->step_ns = g->window_ns;
	if (g->step_ns == 0)
		return;
	size_t n = g->unsized_count;
	g->unsized_count = 0;
	for (size_t i = 0; i < n; i++)
		grid_add_counts(g, &g->unsized[i]);
}

/* Settles when there are enough rows, then at the first of another time. */
static void set_aside(struct grid *g, const struct grid_counts *c)
{
	g->unsized = mem_grow(g->unsized, &g->unsized_alloc, g->unsized_count, sizeof *g->unsized);
	g->unsized[g->unsized_count++] = *c;
	bool last = g->unsized_count == GRID_UNSIZED_MAX, other = c->from_ns != g->unsized[0].from_ns;
	if (last || g->unsized_count == GRID_UNSIZED || (g->unsized_count > GRID_UNSIZED && other))
		grid_settle_counts(g, last);
}

void grid_add_counts(struct grid *g, const struct grid_counts *counts)
{
	struct grid_counts c = *counts;
	grid_settle(g);
	if (c.length_ns == 0 && g->step_ns == 0) {
		set_aside(g, &c);
		return;
	}
	if (c.length_ns == 0)
		c.length_ns = g->step_ns;
	if (g->used == 0 && !g->declared && !g->expected)
		g->t0_ns = c.from_ns;
	spread(g, &c);
}
