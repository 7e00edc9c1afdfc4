#include "grid/grid.h"

#include "base/buf.h"
#include "base/units.h"
#include "grid/grid_part.h"

#include <stdlib.h>
#include <string.h>

/* Rows have whole microseconds; a start with more digits would move rows due exactly at a
 * window's start into the window before. Bounded, so that the distance to any row can be
 * computed. */
static int64_t whole_us(int64_t ns)
{
	ns = ns < 0 ? 0 : ns > GRID_TIME_MAX_NS ? GRID_TIME_MAX_NS : ns;
	return (ns + NS_PER_US / 2) / NS_PER_US * NS_PER_US;
}

void grid_init(struct grid *g, int64_t window_ns, int64_t t0_ns)
{
	*g = (struct grid){.window_ns = window_ns,
			   .t0_ns = whole_us(t0_ns),
			   .declared = t0_ns != 0,
			   .resolution_ns = NS_PER_S,
			   .last_due_ns = INT64_MIN};
	g->live = mem_alloc(GRID_LIVE * sizeof *g->live);
	g->live_of = mem_alloc(GRID_LIVE * sizeof *g->live_of);
	for (size_t i = 0; i < GRID_LIVE; i++) {
		g->live_of[i] = INT64_MIN;
		hist_init(&g->live[i]);
	}
	grid_leave(g);
	if (g->declared)
		g->settled = true;
	else
		g->pending = mem_alloc(GRID_PENDING * sizeof *g->pending);
}

void grid_expect(struct grid *g, int64_t t0_ns)
{
	g->t0_ns = whole_us(t0_ns);
	g->expected = g->settled = true;
}

void grid_release(struct grid *g)
{
	grid_free_windows(g->windows, g->used);
	free(g->windows);
	free(g->pending);
	free(g->unsized);
	free(g->live);
	free(g->live_of);
	*g = (struct grid){0};
}

static inline void complete(struct grid_window *n, uint64_t into_ns)
{
	uint32_t us = (uint32_t)(into_ns / NS_PER_US);
	n->completed_ok++;
	if (us < n->first_ok_us)
		n->first_ok_us = us;
	if (grid_is_later(us, n->last_ok_us))
		n->last_ok_us = us;
}

/* Prepares for the next rows, which are usually due in this window. */
static void settle_near(struct grid *g, int64_t k)
{
	struct grid_near *n = &g->near;
	/* of a window before the start each row may be the earliest */
	n->from_ns = k < 0 ? NO_TIME_NS : g->t0_ns + k * g->window_ns;
	n->window = grid_window(g, k);
	n->live = grid_live(g, k);
	n->done_before_ns = (uint64_t)g->window_ns * (grid_exists(g, k + 1) ? 2 : 1);
}

static inline void note_late(struct grid_window *w, uint32_t us)
{
	w->late_us = us > w->late_us ? us : w->late_us;
}

static void count_ok(struct grid *g, int64_t k, const struct grid_row *r)
{
	settle_near(g, k);
	g->near.window->ok++;
	note_late(g->near.window, r->late_us);
	hist_record(g->near.live, r->latency_ns);
	int64_t done_ns = r->due_ns + r->latency_ns, done_k = grid_number(g, done_ns);
	if (grid_within(g, done_k))
		complete(grid_window(g, done_k),
			 (uint64_t)(done_ns - g->t0_ns - done_k * g->window_ns));
}

static void count_class(struct grid_window *w, unsigned error)
{
	if (!w->classes)
		w->classes = mem_alloc(GRID_CLASSES * sizeof *w->classes);
	w->classes[error % GRID_CLASSES]++;
}

static void count_err(struct grid *g, int64_t k, const struct grid_row *r)
{
	struct grid_window *w = grid_window(g, k);
	int64_t into_ns = r->due_ns - g->t0_ns - k * g->window_ns;
	uint32_t us = into_ns < 0 ? 0 : (uint32_t)(into_ns / NS_PER_US);
	w->err++;
	if (us < w->first_err_us)
		w->first_err_us = us;
	count_class(w, r->error);
	note_late(w, r->late_us);
	int64_t done_k = grid_number(g, r->due_ns + r->latency_ns);
	if (grid_within(g, done_k))
		grid_window(g, done_k)->completed_err++; /* may move w */
}

static void count_unjudged(struct grid *g, int64_t k, unsigned error)
{
	struct grid_window *w = grid_window(g, k);
	w->unjudged++;
	g->unjudged++;
	count_class(w, error);
}

static void count_row(struct grid *g, const struct grid_row *r)
{
	int64_t k = grid_number(g, r->due_ns);
	/* A declared start may be rounded differently from the rows. */
	if (k == -1 && (g->declared || g->expected) && g->t0_ns - r->due_ns < NS_PER_MS)
		k = 0;
	bool early = k < 0 && g->declared;
	if (!early && !grid_within(g, k)) {
		if (!grid_admit(g, r->due_ns, r->due_ns)) {
			g->far++;
			early = true;
		}
		k = grid_number(g, r->due_ns);
	}
	if (early) {
		g->outside++;
		return;
	}
	grid_note_early(g, r->due_ns);
	if (r->due_ns > g->last_due_ns)
		g->last_due_ns = r->due_ns;
	if (r->error & GRID_UNJUDGED) {
		count_unjudged(g, k, r->error);
		return;
	}
	grid_window(g, k)->due++;
	g->rows++;
	if (r->error)
		count_err(g, k, r);
	else
		count_ok(g, k, r);
}

/* The common case: a success due in the same window as the previous row, complete in it or the
 * next. */
static inline bool count_near(struct grid *g, const struct grid_row *r)
{
	const struct grid_near *n = &g->near;
	/* Unsigned: the signed difference to from_ns of "no window" would overflow. */
	uint64_t into_ns = (uint64_t)r->due_ns - (uint64_t)n->from_ns,
		 window_ns = (uint64_t)g->window_ns;
	uint64_t done_ns = into_ns + (uint64_t)r->latency_ns;
	if (r->error || into_ns >= window_ns || done_ns >= n->done_before_ns)
		return false;
	bool next = done_ns >= window_ns;
	struct grid_window *due = n->window, *done = due + next;
	due->due++;
	due->ok++;
	note_late(due, r->late_us);
	g->rows++;
	if (r->due_ns > g->last_due_ns)
		g->last_due_ns = r->due_ns;
	hist_record_in(n->live, r->bucket, r->latency_ns);
	complete(done, next ? done_ns - window_ns : done_ns);
	return true;
}

static int by_due(const void *a, const void *b)
{
	int64_t x = ((const struct grid_row *)a)->due_ns, y = ((const struct grid_row *)b)->due_ns;
	return x < y ? -1 : x > y;
}

/* The farthest that a row may lie from the median of the first rows. Sparse rows, whose middle
 * half takes long, make the windows longer. */
static int64_t reach_ns(struct grid *g, const struct grid_row *sorted, size_t n)
{
	size_t low = (n + 3) / 4, high = n - 1 - n / 4;
	int64_t middle_ns = low < high ? sorted[high].due_ns - sorted[low].due_ns : 0;
	while (GRID_WINDOWS_MAX / 8 * g->window_ns < middle_ns && grid_widen_once(g))
		;
	return GRID_WINDOWS_MAX / 2 * g->window_ns;
}

/* Second 0 is the earliest due time of the first rows, except rows days away from their median:
 * one wrong time must not move the start. grid_admit refuses those rows. */
void grid_settle(struct grid *g)
{
	if (g->settled)
		return;
	g->settled = true;
	size_t n = g->pending_count, first = 0;
	if (n == 0)
		return;
	struct grid_row *sorted = mem_alloc(n * sizeof *sorted);
	memcpy(sorted, g->pending, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_due);
	int64_t reach = reach_ns(g, sorted, n);
	while (sorted[n / 2].due_ns - sorted[first].due_ns > reach)
		first++;
	g->t0_ns = sorted[first].due_ns;
	free(sorted);
	grid_cover(g, 0, 0);
	for (size_t i = 0; i < n; i++)
		count_row(g, &g->pending[i]);
	g->pending_count = 0;
}

/* Counts a row, or buffers it until the start is known. */
static void add_slowly(struct grid *g, const struct grid_row *r)
{
	if (g->settled) {
		count_row(g, r);
		return;
	}
	g->pending[g->pending_count++] = *r;
	if (g->pending_count == GRID_PENDING)
		grid_settle(g);
}

void grid_add_rows(struct grid *g, const struct grid_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		while (g->resolution_ns > NS_PER_US && rows[i].due_ns % g->resolution_ns)
			g->resolution_ns /= 10;
		if (!count_near(g, &rows[i]))
			add_slowly(g, &rows[i]);
	}
}

void grid_add(struct grid *g, int64_t due_ns, int64_t latency_ns, unsigned error)
{
	int64_t ns = latency_ns < 0 ? 0 : latency_ns;
	const struct grid_row r = {due_ns, ns, 0, (uint8_t)(error % GRID_CLASSES), (uint16_t)hist_bucket(ns)};
	grid_add_rows(g, &r, 1);
}

void grid_add_unjudged(struct grid *g, int64_t due_ns, unsigned error)
{
	const struct grid_row r = {.due_ns = due_ns,
				   .error = (uint8_t)(error % GRID_CLASSES | GRID_UNJUDGED)};
	grid_add_rows(g, &r, 1);
}

void grid_add_lost(struct grid *g, uint64_t count, int64_t from_ns, int64_t to_ns)
{
	grid_settle(g);
	g->lost += count;
	if (g->used == 0 && !g->declared && !g->expected)
		g->t0_ns = from_ns;
	if (from_ns < g->t0_ns && g->declared)
		from_ns = g->t0_ns;
	if (to_ns < from_ns || !grid_admit(g, from_ns, to_ns))
		return;
	int64_t first = grid_number(g, from_ns), last = grid_number(g, to_ns);
	grid_note_early(g, from_ns);
	grid_cover(g, first, last);
	struct grid_window *w = grid_window(g, first);
	w->lost = count < UINT32_MAX - w->lost ? w->lost + (uint32_t)count : UINT32_MAX;
	for (int64_t k = first; k <= last; k++)
		grid_window(g, k)->unmeasured = true;
}
