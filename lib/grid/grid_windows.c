#include "base/buf.h"
#include "grid/grid_part.h"
#include "grid/pack.h"

#include <stdlib.h>
#include <string.h>

void grid_free_windows(struct grid_window *w, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(w[i].classes);
		free(w[i].packed);
	}
}

void grid_clear_windows(struct grid_window *w, size_t count)
{
	for (size_t i = 0; i < count; i++)
		w[i] = (struct grid_window){.covered = 1,
					    .first_ok_us = UINT32_MAX,
					    .last_ok_us = UINT32_MAX,
					    .first_err_us = UINT32_MAX};
}

/* Growing at the front copies the windows, but in steps that double, as at the back. */
void grid_cover(struct grid *g, int64_t first, int64_t last)
{
	if (g->used == 0)
		g->base = first;
	int64_t low = first < g->base ? first : g->base;
	int64_t high = g->base + (int64_t)g->used;
	size_t front = (size_t)(g->base - low);
	size_t back = last >= high ? (size_t)(last + 1 - high) : 0;
	size_t used = g->used + front + back;
	if (front + back == 0)
		return;
	grid_leave(g); /* its window may move */
	if (used > g->alloc) {
		g->alloc = used + used / 2 + 64;
		g->windows = mem_realloc(g->windows, g->alloc, sizeof *g->windows);
	}
	if (front)
		memmove(g->windows + front, g->windows, g->used * sizeof *g->windows);
	grid_clear_windows(g->windows, front);
	grid_clear_windows(g->windows + front + g->used, back);
	g->used = used;
	g->base = low;
}

int64_t grid_number(const struct grid *g, int64_t ns)
{
	int64_t since = ns - g->t0_ns;
	return since / g->window_ns - (since % g->window_ns < 0);
}

void grid_note_early(struct grid *g, int64_t ns)
{
	if (ns < g->t0_ns && !g->declared && !g->expected && (!g->early_ns || ns < g->early_ns))
		g->early_ns = ns;
}

bool grid_exists(const struct grid *g, int64_t k)
{
	return (uint64_t)(k - g->base) < g->used;
}

bool grid_within(const struct grid *g, int64_t k)
{
	if (grid_exists(g, k))
		return true;
	if (g->used == 0)
		return k > -GRID_WINDOWS_MAX && k < GRID_WINDOWS_MAX;
	int64_t low = k < g->base ? k : g->base;
	int64_t high = k > g->base + (int64_t)g->used ? k : g->base + (int64_t)g->used;
	return high - low < GRID_WINDOWS_MAX;
}

struct grid_window *grid_window(struct grid *g, int64_t k)
{
	if (!grid_exists(g, k))
		grid_cover(g, k, k);
	return g->windows + (k - g->base);
}

void grid_put_away(struct grid *g, size_t i)
{
	if (g->live_of[i] == INT64_MIN)
		return;
	struct grid_window *w = grid_window(g, g->live_of[i]);
	free(w->packed);
	w->packed = hist_pack(&g->live[i]);
	hist_init(&g->live[i]);
	g->live_of[i] = INT64_MIN;
}

struct hist *grid_live(struct grid *g, int64_t k)
{
	size_t i = (size_t)k % GRID_LIVE;
	if (g->live_of[i] != k) {
		grid_put_away(g, i);
		hist_unpack_add(grid_window(g, k)->packed, &g->live[i]);
		g->live_of[i] = k;
	}
	return &g->live[i];
}
