#include "judge/impact/blackout.h"

#include "base/buf.h"
#include "base/redis_verb.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double blackout_of_windows(const struct grid *g, double at_s, size_t until, double next_s)
{
	double length_s = ns_to_s(g->window_ns), last_s = 0, longest_s = 0;
	for (size_t k = 0; k < g->count; k++) {
		const struct grid_window *w = &g->windows[k];
		double start_s = (double)k * length_s;
		if (w->completed_ok == 0)
			continue;
		double first_s = start_s + w->first_ok_us / 1e6;
		if (first_s > next_s)
			return fmax(longest_s, next_s - last_s);
		if (first_s > at_s && first_s - last_s > longest_s)
			longest_s = first_s - last_s;
		last_s = start_s + w->last_ok_us / 1e6;
		if (k >= until)
			return longest_s;
	}
	double end_s = ns_to_s(g->end_ns - g->t0_ns);
	return fmax(longest_s, (end_s > next_s ? next_s : end_s) - last_s);
}

/* --- by rows ---------------------------------------------------------------- */

/* Of which requests: all, those that write or read on Redis, those of a node, those of an op; by its number. */
enum { WHOLE, WRITES, READS, NODE, OP = NODE + FAULT_PARTS, FILTERS = OP + FAULT_PARTS };

struct success {
	double end_s;
	uint8_t node, op, kind; /* kind: WRITES, READS or WHOLE */
};

/* The successes around a fault. */
struct around {
	double last_s[FILTERS];	 /* before the fault; 0: none */
	double first_s[FILTERS]; /* after what is followed; INFINITY: none */
	struct success *between; /* owned */
	double until_s;		 /* the end of what is followed */
	size_t count, alloc;
};

static int by_end(const void *a, const void *b)
{
	double x = ((const struct success *)a)->end_s, y = ((const struct success *)b)->end_s;
	return (x > y) - (x < y);
}

static void note(struct around *a, double begins_s, const struct success *s)
{
	unsigned of[] = {WHOLE, s->node < FAULT_PARTS ? NODE + s->node : WHOLE,
			 s->op < FAULT_PARTS ? OP + s->op : WHOLE, s->kind};
	for (size_t i = 0; i < ARRAY_LEN(of); i++)
		if (s->end_s <= begins_s)
			a->last_s[of[i]] = fmax(a->last_s[of[i]], s->end_s);
		else if (s->end_s > a->until_s)
			a->first_s[of[i]] = fmin(a->first_s[of[i]], s->end_s);
	if (s->end_s <= begins_s || s->end_s > a->until_s)
		return;
	a->between = mem_grow(a->between, &a->alloc, a->count, sizeof *a->between);
	a->between[a->count++] = *s;
}

static bool is_of(const struct success *s, unsigned filter)
{
	if (filter < NODE)
		return filter == WHOLE || filter == s->kind;
	return (filter < OP ? s->node == filter - NODE : s->op == filter - OP);
}

static double longest(const struct around *a, const struct judged_fault *x, unsigned filter)
{
	double last_s = a->last_s[filter], longest_s = 0;
	double end_s = fmin(x->end_s, x->next_s); /* ignores NaN */
	for (size_t i = 0; i < a->count && a->between[i].end_s <= end_s; i++) {
		if (!is_of(&a->between[i], filter))
			continue;
		longest_s = fmax(longest_s, a->between[i].end_s - last_s);
		last_s = a->between[i].end_s;
		if (last_s >= x->followed_s)
			return longest_s;
	}
	return fmax(longest_s, fmin(a->first_s[filter], end_s) - last_s);
}

/* The end of what is followed of any of them. */
static double followed(const struct judged_fault *x)
{
	double until_s = x->followed_s;
	for (size_t i = 0; i < x->nodes.count; i++)
		until_s = fmax(until_s, x->nodes.all[i].followed_s);
	for (size_t i = 0; i < x->ops.count; i++)
		until_s = fmax(until_s, x->ops.all[i].followed_s);
	return until_s;
}

static void fill(struct judged_fault *x, const struct around *a, unsigned filter)
{
	if (x && x->followed_s > 0)
		x->blackout_s = longest(a, x, filter);
}

/* What each op is, by its number. True if there is some that writes and some that reads. */
static bool sort_ops(const struct nodes *ops, uint8_t kinds[static UINT8_MAX + 1])
{
	bool both[] = {[WRITES] = false, [READS] = false};
	memset(kinds, WHOLE, UINT8_MAX + 1);
	for (size_t i = 0; i < ops->count; i++) {
		int reads = redis_op_reads(ops->all[i]->node);
		if (reads < 0 || ops->all[i]->number > UINT8_MAX)
			continue;
		kinds[ops->all[i]->number] = reads ? READS : WRITES;
		both[reads ? READS : WRITES] = true;
	}
	return both[WRITES] && both[READS];
}

void blackout_of_rows(struct judged_fault *x, const struct run_data *r)
{
	const struct records *rows = &r->records;
	uint8_t kinds[UINT8_MAX + 1];
	bool both = sort_ops(&r->ops, kinds);
	double reads = 0, failed = 0;
	x->write_blackout_s = x->read_blackout_s = x->read_error_rate = (double)NAN;
	if (!(x->followed_s > 0))
		return;
	struct around *a = mem_alloc(sizeof *a);
	*a = (struct around){.until_s = followed(x)};
	for (unsigned i = 0; i < FILTERS; i++)
		a->first_s[i] = (double)INFINITY;
	for (size_t i = 0; i < rows->count; i++) {
		const struct record *row = &rows->all[i];
		const struct success s = {ns_to_s(record_end_ns(row) - r->grid.t0_ns), row->node, row->op, kinds[row->op]};
		if (s.kind == READS && s.end_s >= fault_begins_s(x) &&
		    ns_to_s(record_due_ns(row) - r->grid.t0_ns) <= x->followed_s) {
			reads++;
			failed += row->failed;
		}
		if (!row->failed && s.end_s >= 0)
			note(a, fault_begins_s(x), &s);
	}
	if (a->count)
		qsort(a->between, a->count, sizeof *a->between, by_end);
	fill(x, a, WHOLE);
	if (both) {
		x->write_blackout_s = longest(a, x, WRITES);
		x->read_blackout_s = longest(a, x, READS);
		x->read_error_rate = reads > 0 ? failed / reads : (double)NAN;
	}
	for (unsigned i = 0; i < FAULT_PARTS; i++) {
		fill(x->nodes.numbered[i], a, NODE + i);
		fill(x->ops.numbered[i], a, OP + i);
	}
	free(a->between);
	free(a);
}
