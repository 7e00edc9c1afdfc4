#include "stat/grid.h"

#include "base/buf.h"
#include "base/units.h"
#include "stat/pack.h"

#include <stdlib.h>
#include <string.h>

/* Rows are written in whole microseconds; a start with more digits would put those that are due at
 * the very start of a window into the one before. */
static int64_t whole_us(int64_t ns)
{
	return (ns + NS_PER_US / 2) / NS_PER_US * NS_PER_US;
}

void grid_init(struct grid *g, int64_t window_ns, int64_t t0_ns)
{
	*g = (struct grid){.window_ns = window_ns,
			   .t0_ns = whole_us(t0_ns),
			   .declared = t0_ns != 0,
			   .last_due_ns = INT64_MIN};
	g->live = mem_alloc(GRID_LIVE * sizeof *g->live);
	g->live_of = mem_alloc(GRID_LIVE * sizeof *g->live_of);
	for (size_t i = 0; i < GRID_LIVE; i++)
		g->live_of[i] = INT64_MIN;
	g->near_from_ns = INT64_MIN / 2;
	if (g->declared)
		g->settled = true;
	else
		g->pending = mem_alloc(GRID_PENDING * sizeof *g->pending);
}

static void free_windows(struct grid_window *w, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(w[i].classes);
		free(w[i].packed);
		free(w[i].nodes);
	}
}

void grid_release(struct grid *g)
{
	free_windows(g->windows, g->used);
	free(g->windows);
	free(g->pending);
	free(g->live);
	free(g->live_of);
	*g = (struct grid){0};
}

static void clear_windows(struct grid_window *w, size_t count)
{
	for (size_t i = 0; i < count; i++)
		w[i] = (struct grid_window){.covered = 1,
					    .first_ok_us = UINT32_MAX,
					    .last_ok_us = UINT32_MAX,
					    .first_err_us = UINT32_MAX};
}

/* Makes the windows from first to last exist. Growing at the front copies, but in steps that
 * double, as at the back. */
static void cover(struct grid *g, int64_t first, int64_t last)
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
	if (used > g->alloc) {
		g->alloc = used + used / 2 + 64;
		g->windows = mem_realloc(g->windows, g->alloc, sizeof *g->windows);
	}
	if (front)
		memmove(g->windows + front, g->windows, g->used * sizeof *g->windows);
	clear_windows(g->windows, front);
	clear_windows(g->windows + front + g->used, back);
	g->used = used;
	g->base = low;
}

/* The number of the window that holds a UNIX time, counted from t0. */
static int64_t number_of(struct grid *g, int64_t ns)
{
	/* Unsigned, for the window that is nowhere near lies too far back to be subtracted. */
	if ((uint64_t)ns - (uint64_t)g->near_from_ns < (uint64_t)g->window_ns)
		return g->near_k;
	int64_t since = ns - g->t0_ns;
	int64_t k = since / g->window_ns - (since % g->window_ns < 0);
	g->near_k = k;
	g->near_from_ns = g->t0_ns + k * g->window_ns;
	return k;
}

static bool exists(const struct grid *g, int64_t k)
{
	return (uint64_t)(k - g->base) < g->used;
}

/* Whether the window is there or may be made. */
static bool within(const struct grid *g, int64_t k)
{
	if (exists(g, k))
		return true;
	if (g->used == 0)
		return k > -GRID_WINDOWS_MAX && k < GRID_WINDOWS_MAX;
	int64_t low = k < g->base ? k : g->base;
	int64_t high = k > g->base + (int64_t)g->used ? k : g->base + (int64_t)g->used;
	return high - low < GRID_WINDOWS_MAX;
}

static struct grid_window *window(struct grid *g, int64_t k)
{
	if (!exists(g, k))
		cover(g, k, k);
	return g->windows + (k - g->base);
}

static void put_away(struct grid *g, size_t i)
{
	if (g->live_of[i] == INT64_MIN)
		return;
	struct grid_window *w = window(g, g->live_of[i]);
	free(w->packed);
	w->packed = hist_pack(&g->live[i]);
	hist_init(&g->live[i]);
	g->live_of[i] = INT64_MIN;
}

static struct hist *live(struct grid *g, int64_t k)
{
	size_t i = (size_t)k % GRID_LIVE;
	if (g->live_of[i] != k) {
		put_away(g, i);
		hist_unpack_add(window(g, k)->packed, &g->live[i]);
		g->live_of[i] = k;
	}
	return &g->live[i];
}

/* Of a time whose number was the last to be asked for. */
static uint32_t offset_us(const struct grid *g, int64_t ns)
{
	return (uint32_t)((uint64_t)(ns - g->near_from_ns) / NS_PER_US);
}

static struct grid_node *make_node(struct grid_window *w, unsigned node)
{
	w->nodes = mem_realloc(w->nodes, node + 1, sizeof *w->nodes);
	for (; w->node_count <= node; w->node_count++)
		w->nodes[w->node_count] = (struct grid_node){.first_ok_us = UINT32_MAX,
							     .last_ok_us = UINT32_MAX,
							     .first_err_us = UINT32_MAX};
	return &w->nodes[node];
}

static inline struct grid_node *node_of(struct grid_window *w, unsigned node)
{
	return node < w->node_count ? &w->nodes[node] : make_node(w, node);
}

static void count_ok(struct grid *g, int64_t k, const struct grid_row *r)
{
	hist_record(live(g, k), r->latency_ns);
	int64_t done_ns = r->due_ns + r->latency_ns;
	int64_t done_k = number_of(g, done_ns);
	if (!within(g, done_k))
		return;
	struct grid_window *w = window(g, done_k);
	uint32_t us = offset_us(g, done_ns);
	w->completed_ok++;
	if (us < w->first_ok_us)
		w->first_ok_us = us;
	if (w->last_ok_us == UINT32_MAX || us > w->last_ok_us)
		w->last_ok_us = us;
	if (r->node >= GRID_NODES)
		return;
	struct grid_node *n = node_of(w, r->node);
	n->completed_ok++;
	if (us < n->first_ok_us)
		n->first_ok_us = us;
	if (n->last_ok_us == UINT32_MAX || us > n->last_ok_us)
		n->last_ok_us = us;
}

static void count_err(struct grid *g, struct grid_window *w, const struct grid_row *r)
{
	w->err++;
	uint32_t us = r->due_ns < g->near_from_ns ? 0 : offset_us(g, r->due_ns);
	if (us < w->first_err_us)
		w->first_err_us = us;
	if (!w->classes)
		w->classes = mem_alloc(GRID_CLASSES * sizeof *w->classes);
	w->classes[r->error % GRID_CLASSES]++;
	if (r->node >= GRID_NODES)
		return;
	struct grid_node *n = node_of(w, r->node);
	n->err++;
	if (us < n->first_err_us)
		n->first_err_us = us;
}

static void count_row(struct grid *g, const struct grid_row *r)
{
	int64_t k = number_of(g, r->due_ns);
	/* A declared start may be rounded otherwise than the rows are. */
	if (k == -1 && g->declared && g->t0_ns - r->due_ns < NS_PER_MS)
		k = 0;
	if (!within(g, k) || (k < 0 && g->declared)) {
		g->outside++;
		return;
	}
	struct grid_window *w = window(g, k);
	g->rows++;
	if (r->due_ns > g->last_due_ns)
		g->last_due_ns = r->due_ns;
	w->due++;
	if (r->node < GRID_NODES)
		node_of(w, r->node)->due++;
	if (r->error == 0) {
		w->ok++;
		count_ok(g, k, r);
	} else {
		count_err(g, w, r);
	}
}

static int by_due(const void *a, const void *b)
{
	int64_t x = ((const struct grid_row *)a)->due_ns, y = ((const struct grid_row *)b)->due_ns;
	return x < y ? -1 : x > y;
}

/* Second 0 is the earliest due time of the first rows. One row with an absurd time must not become
 * it: what is days away from the median is left for `within` to refuse. */
static void settle(struct grid *g)
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
	int64_t reach_ns = GRID_WINDOWS_MAX / 2 * g->window_ns;
	while (sorted[n / 2].due_ns - sorted[first].due_ns > reach_ns)
		first++;
	g->t0_ns = sorted[first].due_ns;
	free(sorted);
	cover(g, 0, 0);
	for (size_t i = 0; i < n; i++)
		count_row(g, &g->pending[i]);
	g->pending_count = 0;
}

void grid_add(struct grid *g, int64_t due_ns, int64_t latency_ns, unsigned error)
{
	grid_add_of(g, due_ns, latency_ns, error, GRID_NODES);
}

void grid_add_of(struct grid *g, int64_t due_ns, int64_t latency_ns, unsigned error, unsigned node)
{
	struct grid_row r = {due_ns, latency_ns < 0 ? 0 : latency_ns, error, node};
	if (g->settled) {
		count_row(g, &r);
		return;
	}
	g->pending[g->pending_count++] = r;
	if (g->pending_count == GRID_PENDING)
		settle(g);
}

void grid_add_lost(struct grid *g, uint64_t count, int64_t from_ns, int64_t to_ns)
{
	settle(g);
	g->lost += count;
	if (g->used == 0 && !g->declared)
		g->t0_ns = from_ns;
	int64_t first = number_of(g, from_ns), last = number_of(g, to_ns);
	if (first < 0 && g->declared)
		first = 0;
	if (last < first || !within(g, first) || !within(g, last))
		return;
	cover(g, first, last);
	window(g, first)->lost += (uint32_t)count;
	for (int64_t k = first; k <= last; k++)
		window(g, k)->unmeasured = true;
}

static int by_count(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* The time from one request to the next in a usual window, which an outage of the load does not
 * stretch as it would the mean. */
static int64_t usual_gap(const struct grid *g)
{
	uint32_t *due = mem_alloc((g->used + 1) * sizeof *due);
	size_t n = 0;
	for (size_t i = 0; i < g->used; i++)
		if (g->windows[i].due)
			due[n++] = g->windows[i].due;
	qsort(due, n, sizeof *due, by_count);
	int64_t gap_ns = g->window_ns / due[n / 2];
	free(due);
	return gap_ns;
}

/* One gap after the last due time: 1000 rows at 50/s from 0 to 19.98 s end at 20 s. An edge of a
 * window that is nearer than a gap is what was meant. */
static int64_t natural_end(const struct grid *g)
{
	if (g->rows < 2)
		return g->last_due_ns + 1;
	int64_t gap_ns = usual_gap(g), end_ns = g->last_due_ns + gap_ns;
	int64_t count = (end_ns - g->t0_ns + g->window_ns / 2) / g->window_ns;
	int64_t edge_ns = g->t0_ns + count * g->window_ns;
	return llabs(end_ns - edge_ns) < gap_ns ? edge_ns : end_ns;
}

/* Windows before the first row (a declared start) and after the last one, and the run's end within
 * the last; what completed after the end stays in its due window alone. */
static void trim(struct grid *g)
{
	int64_t length_ns = g->end_ns - g->t0_ns;
	/* An end within a millisecond of a window's edge is that edge. */
	int64_t count = (length_ns - NS_PER_MS + g->window_ns - 1) / g->window_ns;
	int64_t needed = g->rows ? number_of(g, g->last_due_ns) + 1 : 1;
	count = count < needed ? needed : count > GRID_WINDOWS_MAX ? GRID_WINDOWS_MAX : count;
	cover(g, 0, count - 1);
	if (g->used > (size_t)count) {
		free_windows(g->windows + count, g->used - (size_t)count);
		g->used = (size_t)count;
	}
	g->count = g->used;
	double rest = (double)(length_ns - (count - 1) * g->window_ns) / (double)g->window_ns;
	g->windows[g->count - 1].covered = rest > 0.999 ? 1 : (float)rest;
}

/* All histograms are packed, and window 0 is the first. */
static void tidy(struct grid *g)
{
	settle(g);
	for (size_t i = 0; i < GRID_LIVE; i++)
		put_away(g, i);
	if (g->base < 0) { /* rows that are earlier than the first ones were: another file */
		g->t0_ns += g->base * g->window_ns;
		g->base = 0;
	}
	g->near_from_ns = INT64_MIN / 2;
}

void grid_so_far(struct grid *g, int64_t until_ns)
{
	tidy(g);
	g->declared = true;
	int64_t count = (until_ns - g->t0_ns) / g->window_ns;
	count = count > GRID_WINDOWS_MAX ? GRID_WINDOWS_MAX : count;
	if (count > 0)
		cover(g, 0, count - 1);
	g->count = count > 0 ? (size_t)count : 0;
	g->end_ns = g->t0_ns + (int64_t)g->count * g->window_ns;
}

void grid_forget(struct grid *g, size_t n)
{
	tidy(g);
	n = n < g->count ? n : g->count;
	free_windows(g->windows, n);
	memmove(g->windows, g->windows + n, (g->used - n) * sizeof *g->windows);
	g->used -= n;
	g->count -= n;
	g->t0_ns += (int64_t)n * g->window_ns;
}

void grid_finish(struct grid *g, int64_t end_ns)
{
	tidy(g);
	if (g->used == 0 && end_ns <= g->t0_ns)
		return;
	int64_t natural_ns = g->rows ? natural_end(g) : g->t0_ns;
	g->end_ns = end_ns > g->last_due_ns && end_ns > g->t0_ns ? end_ns : natural_ns;
	trim(g);
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

void grid_of_node(const struct grid *g, unsigned node, struct grid *out)
{
	*out = (struct grid){.count = g->count,
			     .used = g->count,
			     .alloc = g->count,
			     .t0_ns = g->t0_ns,
			     .end_ns = g->end_ns,
			     .window_ns = g->window_ns,
			     .settled = true,
			     .last_due_ns = g->last_due_ns};
	out->windows = mem_alloc((g->count + 1) * sizeof *out->windows);
	clear_windows(out->windows, g->count);
	for (size_t k = 0; k < g->count; k++) {
		const struct grid_window *w = &g->windows[k];
		struct grid_window *x = &out->windows[k];
		x->unmeasured = w->unmeasured;
		x->covered = w->covered;
		if (node >= w->node_count)
			continue;
		const struct grid_node *n = &w->nodes[node];
		x->due = n->due;
		x->err = n->err;
		x->ok = n->due - n->err;
		x->completed_ok = n->completed_ok;
		x->first_ok_us = n->first_ok_us;
		x->last_ok_us = n->last_ok_us;
		x->first_err_us = n->first_err_us;
		out->rows += n->due;
	}
}
