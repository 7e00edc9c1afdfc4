#include "base/buf.h"
#include "base/units.h"
#include "grid/grid_part.h"
#include "grid/pack.h"

#include <stdlib.h>
#include <string.h>

const int64_t grid_lengths_ns[GRID_LENGTHS] = {
	1 * NS_PER_S,  2 * NS_PER_S,  5 * NS_PER_S,   10 * NS_PER_S,   30 * NS_PER_S,
	60 * NS_PER_S, 300 * NS_PER_S, 600 * NS_PER_S, 3600 * NS_PER_S};

static void take_first(uint32_t *to, uint32_t us, uint32_t shift_us)
{
	if (*to == UINT32_MAX && us != UINT32_MAX)
		*to = us + shift_us;
}

/* Adds the counts of the next window, whose offsets count from shift_us later. */
static void add_counts(struct grid_window *to, const struct grid_window *w, uint32_t shift_us)
{
	to->due += w->due;
	to->ok += w->ok;
	to->err += w->err;
	to->completed_ok += w->completed_ok;
	to->completed_err += w->completed_err;
	to->late_us = w->late_us > to->late_us ? w->late_us : to->late_us;
	take_first(&to->first_ok_us, w->first_ok_us, shift_us);
	take_first(&to->first_err_us, w->first_err_us, shift_us);
	if (w->last_ok_us != UINT32_MAX)
		to->last_ok_us = w->last_ok_us + shift_us;
}

/* Requests that the joined window cannot hold are reported as lost. */
static bool fits(struct grid *g, struct grid_window *to, const struct grid_window *w)
{
	if ((uint64_t)to->due + w->due <= GRID_DUE_MAX)
		return true;
	to->unmeasured = true;
	to->lost = UINT32_MAX;
	g->lost += w->due;
	g->rows -= w->due;
	return false;
}

/* Joins w, which begins shift_us later, to the window to. Releases w. */
static void join(struct grid *g, struct grid_window *to, struct grid_window *w, uint32_t shift_us,
		 struct hist *h)
{
	to->unmeasured = to->unmeasured || w->unmeasured;
	to->lost = w->lost < UINT32_MAX - to->lost ? to->lost + w->lost : UINT32_MAX;
	to->unjudged += w->unjudged;
	to->covered += w->covered;
	bool counts = fits(g, to, w);
	if (w->classes && !to->classes)
		to->classes = mem_alloc(GRID_CLASSES * sizeof *to->classes);
	for (size_t i = 0; w->classes && i < GRID_CLASSES; i++)
		to->classes[i] += w->classes[i];
	if (counts) {
		add_counts(to, w, shift_us);
		hist_unpack_add(w->packed, h);
	}
	grid_free_windows(w, 1);
}

static int64_t quotient(int64_t k, int64_t factor)
{
	return k / factor - (k % factor < 0);
}

void grid_widen(struct grid *g, unsigned factor)
{
	struct hist *h = hist_new();
	for (size_t i = 0; i < GRID_LIVE && g->live_of; i++)
		grid_put_away(g, i);
	grid_leave(g);
	int64_t base = quotient(g->base, factor);
	size_t used = 0, next = 0;
	for (; next < g->used; used++) {
		struct grid_window to;
		int64_t end = (base + (int64_t)used + 1) * factor;
		grid_clear_windows(&to, 1);
		to.covered = 0;
		hist_init(h);
		for (; next < g->used && g->base + (int64_t)next < end; next++) {
			int64_t into = g->base + (int64_t)next - (end - factor);
			join(g, &to, &g->windows[next], (uint32_t)(into * g->window_ns / NS_PER_US), h);
		}
		to.packed = hist_pack(h);
		to.covered = g->ended && next == g->used ? to.covered / (float)factor : 1;
		g->windows[used] = to;
	}
	free(h);
	g->base = base;
	g->used = used;
	g->count = g->count ? used : 0;
	g->window_ns *= factor;
}

bool grid_widen_once(struct grid *g)
{
	for (size_t i = 0; i < GRID_LENGTHS; i++)
		if (grid_lengths_ns[i] > g->window_ns && grid_lengths_ns[i] % g->window_ns == 0) {
			grid_widen(g, (unsigned)(grid_lengths_ns[i] / g->window_ns));
			return true;
		}
	return false;
}

bool grid_admit(struct grid *g, int64_t from_ns, int64_t to_ns)
{
	do {
		int64_t first = grid_number(g, from_ns), last = grid_number(g, to_ns);
		int64_t used = (int64_t)g->used;
		if (grid_within(g, first) && grid_within(g, last))
			return true;
		if (first - (g->base + used) > used || g->base - last > used)
			return false;
	} while (grid_widen_once(g));
	return false;
}

static int by_count(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

/* The median of the requests due in factor windows together, where there are any. */
static uint64_t median_due(const struct grid *g, size_t factor, uint64_t *due)
{
	size_t n = 0;
	for (size_t k = 0; k < g->count; k += factor) {
		due[n] = 0;
		for (size_t i = k; i < k + factor && i < g->count; i++)
			due[n] += g->windows[i].due;
		n += due[n] > 0;
	}
	qsort(due, n, sizeof *due, by_count);
	return n ? due[n / 2] : GRID_DUE_ENOUGH;
}

int64_t grid_usual_window(const struct grid *g)
{
	uint64_t *due = mem_alloc((g->count + 1) * sizeof *due);
	int64_t length_ns = g->window_ns;
	bool enough = median_due(g, 1, due) >= GRID_DUE_ENOUGH;
	for (size_t i = 0; !enough && i < GRID_LENGTHS; i++) {
		if (grid_lengths_ns[i] <= g->window_ns || grid_lengths_ns[i] % g->window_ns)
			continue;
		length_ns = grid_lengths_ns[i];
		enough = median_due(g, (size_t)(length_ns / g->window_ns), due) >= GRID_DUE_ENOUGH;
	}
	free(due);
	return length_ns;
}
