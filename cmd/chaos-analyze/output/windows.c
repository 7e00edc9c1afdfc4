#include "output/windows.h"

#include "base/error_class.h"
#include "base/units.h"
#include "output/json_parts.h"
#include "url/url.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct json *windows_line(const char *type)
{
	struct json *j = json_object_new();
	json_set_str(j, "type", type);
	return j;
}

void windows_put_load(struct json *line, const char *load)
{
	if (load)
		json_set_str(line, "load", load);
}

void windows_put_head(const char *load, double t0_s, struct buf *out)
{
	struct json *j = windows_line("windows");
	json_set_str(j, "format", "chaos-windows/1");
	json_set_round(j, "t0", t0_s, 6);
	windows_put_load(j, load);
	json_line(j, out);
}

/* Failures by class; NULL if there were none. */
static struct json *failures(const struct grid_window *w)
{
	struct json *j = w->classes && w->err ? json_object_new() : NULL;
	for (unsigned i = 1; j && i < GRID_CLASSES; i++)
		if (w->classes[i] && i != ERROR_ABORTED)
			json_set_int(j, i < ERROR_COUNT ? error_class_name((enum error_class)i) : "other", w->classes[i]);
	return j;
}

/* Successes by latency in eight steps an octave, each by its middle in ms; NULL if there were none. */
static struct json *latencies(const struct hist *h)
{
	enum { STEP = (1 << HIST_SUB_BITS) / 8 };
	struct json *j = h->total ? json_object_new() : NULL;
	for (unsigned i = 0; j && i < HIST_BUCKETS; i += STEP) {
		char middle_ms[32];
		uint64_t n = 0;
		for (unsigned k = i; k < i + STEP; k++)
			n += h->counts[k];
		if (n == 0) /* most steps: the text costs more than the rest of the line */
			continue;
		snprintf(middle_ms, sizeof middle_ms, "%.4g", ns_to_ms(hist_bucket_ns(i + STEP / 2)));
		json_set_int(j, middle_ms, (int64_t)n);
	}
	return j;
}

void windows_put_window(const struct grid *g, const char *load, size_t k, size_t number, bool final,
			int64_t in_flight, struct hist *h, struct buf *out)
{
	const struct grid_window *w = &g->windows[k];
	double length_s = ns_to_s(g->window_ns);
	struct json *j = windows_line("window");
	grid_latency(g, k, h);
	json_set_round(j, "start_s", (double)number * length_s, 6);
	json_set_round(j, "length_s", length_s * (double)w->covered, 6);
	json_set_int(j, "due", w->due);
	json_set_int(j, "ok", w->ok);
	put_err(j, w->err, g->no_failures);
	json_set_int(j, "completed_ok", w->completed_ok);
	json_set_bool(j, "unmeasured", w->unmeasured);
	json_set_round(j, "error_rate", w->due && !grid_lacks(g) ? grid_error_rate(w) : (double)NAN, 6);
	put_percentiles(j, h);
	put_ms(j, "max_latency_ms", h->total ? h->max_ns : -1);
	if (in_flight < 0)
		json_set_null(j, "in_flight");
	else
		json_set_int(j, "in_flight", in_flight);
	json_set_round(j, "max_late_ms", w->late_us ? (w->late_us - 1) / 1e3 : (double)NAN, 3);
	json_set(j, "errors", failures(w));
	json_set(j, "latencies", latencies(h));
	json_set_bool(j, "final", final);
	windows_put_load(j, load);
	json_line(j, out);
}

void windows_put_gap(const char *load, size_t first, size_t count, double length_s, struct buf *out)
{
	struct grid_window gap = {.covered = (float)count};
	const struct grid g = {.windows = &gap, .count = 1, .window_ns = s_to_ns(length_s)};
	struct hist *h = hist_new();
	windows_put_window(&g, load, 0, first, true, -1, h, out);
	free(h);
}

void windows_put_change(enum track_change change, const char *load, const struct tracked *x,
			double length_s, struct buf *out)
{
	const struct interval *i = &x->interval;
	bool open = change == TRACK_OPEN;
	struct json *j = windows_line(open ? "interval_open" : "interval_close");
	json_set_int(j, "id", x->id);
	json_set_round(j, "start_s", (double)i->start * length_s, 6);
	if (!open)
		json_set_round(j, "end_s", (double)i->end * length_s, 6);
	json_set_round(j, "detected_s", (double)(i->alarm + 1) * length_s, 6);
	json_set(j, "reasons", reasons_json(i->reasons));
	if (!open) {
		json_set_bool(j, "recovered", x->recovered);
		json_set_bool(j, "withdrawn", change == TRACK_WITHDRAWN);
	}
	windows_put_load(j, load);
	json_line(j, out);
}

void windows_put_end(const struct run_data *r, const char *load, double end_s, const char *reason, uint64_t late,
		     struct buf *out)
{
	struct json *j = windows_line("end");
	json_set_round(j, "end_s", end_s, 6);
	json_set_str(j, "reason", reason);
	json_set_int(j, "rows", (int64_t)grid_requests(&r->grid));
	json_set_int(j, "late", (int64_t)late);
	json_set_int(j, "bad", (int64_t)r->bad);
	json_set_int(j, "torn", (int64_t)r->torn);
	json_set_int(j, "duplicate", (int64_t)r->duplicate);
	json_set_int(j, "out_of_time", (int64_t)r->grid.outside);
	json_set_int(j, "lost", (int64_t)r->grid.lost);
	windows_put_load(j, load);
	json_line(j, out);
}

/* What is written of a load. */
struct written {
	const struct finding *of;
	const char *load;
	size_t opened, closed;
	int64_t in_flight;
	struct node_tally *nodes; /* or NULL; owned */
};

/* Ids differ from load to load. */
static struct tracked tracked_of(const struct written *w, size_t interval, size_t load, size_t count)
{
	const struct detection *d = &w->of->analysis.own.detection;
	return (struct tracked){.id = (unsigned)(interval * count + load) + 1, .interval = d->intervals[interval],
				.recovered = track_is_over(d, &d->intervals[interval], w->of->params.detect.healthy_windows)};
}

struct node_tally {
	uint32_t due, err;
};

enum { NODE_TALLIES_MAX = 1 << 22 }; /* of longer runs nothing is told by node */

/* By window, then by number of the node; NULL if the rows were not kept. The caller frees. */
static struct node_tally *node_tallies(const struct run_data *r)
{
	size_t nodes = r->nodes.count, windows = r->grid.count;
	if (!r->records.count || windows * nodes > NODE_TALLIES_MAX)
		return NULL;
	struct node_tally *all = mem_alloc(windows * nodes * sizeof *all);
	for (size_t i = 0; i < r->records.count; i++) {
		const struct record *x = &r->records.all[i];
		int64_t k = (record_due_ns(x) - r->grid.t0_ns) / r->grid.window_ns;
		if (k < 0 || (size_t)k >= windows || x->node >= nodes)
			continue;
		struct node_tally *t = &all[(size_t)k * nodes + x->node];
		t->due++;
		t->err += x->failed;
	}
	return all;
}

static void write_nodes(const struct written *w, size_t k, struct buf *out)
{
	const struct run_data *r = w->of->analysis.own.run;
	for (size_t i = 0; w->nodes && i < r->nodes.count; i++) {
		const struct node_tally *t = &w->nodes[k * r->nodes.count + r->nodes.all[i]->number];
		struct json *j = windows_line("node");
		char *url = url_public(r->nodes.all[i]->node);
		json_set_str(j, "node", url);
		json_set_round(j, "start_s", (double)k * ns_to_s(r->grid.window_ns), 6);
		json_set_round(j, "length_s", ns_to_s(r->grid.window_ns) * (double)r->grid.windows[k].covered, 6);
		json_set_int(j, "due", t->due);
		put_err(j, t->err, r->grid.no_failures);
		if (w->load)
			json_set_str(j, "load", w->load);
		json_line(j, out);
		free(url);
	}
}

static void write_window(struct written *all, size_t count, size_t load, size_t k, struct hist *h, struct buf *out)
{
	struct written *w = &all[load];
	const struct grid *g = &w->of->analysis.own.run->grid;
	const struct detection *d = &w->of->analysis.own.detection;
	if (k >= g->count)
		return;
	w->in_flight += grid_left_open(&g->windows[k]);
	windows_put_window(g, w->load, k, k, true, w->of->analysis.own.run->counts ? -1 : w->in_flight, h, out);
	write_nodes(w, k, out);
	for (; w->opened < d->interval_count && d->intervals[w->opened].alarm <= k; w->opened++) {
		const struct tracked x = tracked_of(w, w->opened, load, count);
		windows_put_change(TRACK_OPEN, w->load, &x, ns_to_s(g->window_ns), out);
	}
	for (; w->closed < w->opened && (d->intervals[w->closed].end <= k || k + 1 == g->count); w->closed++) {
		const struct tracked x = tracked_of(w, w->closed, load, count);
		windows_put_change(TRACK_CLOSE, w->load, &x, ns_to_s(g->window_ns), out);
	}
}

void windows_write(const struct finding *all, size_t count, bool by_node, struct buf *out)
{
	struct hist *h = mem_alloc(sizeof *h);
	struct run_data sum = {0}; /* of the counts alone */
	struct written *written = mem_alloc(count * sizeof *written);
	double t0_s = (double)NAN, end_s = 0;
	size_t windows = 0;
	for (size_t i = 0; i < count; i++) {
		const struct run_data *r = all[i].analysis.own.run;
		written[i] = (struct written){.of = &all[i],
					      .load = count > 1 ? all[i].load : NULL,
					      .nodes = by_node ? node_tallies(r) : NULL};
		windows = r->grid.count > windows ? r->grid.count : windows;
		if (r->grid.count)
			t0_s = fmin(t0_s, ns_to_s(r->grid.t0_ns));
		end_s = fmax(end_s, ns_to_s(r->grid.end_ns - r->grid.t0_ns));
		sum.grid.rows += r->grid.rows;
		sum.grid.unjudged += r->grid.unjudged;
		sum.grid.outside += r->grid.outside;
		sum.grid.lost += r->grid.lost;
		sum.bad += r->bad;
		sum.torn += r->torn;
		sum.duplicate += r->duplicate;
	}
	windows_put_head(NULL, t0_s, out);
	for (size_t k = 0; k < windows; k++)
		for (size_t i = 0; i < count; i++)
			write_window(written, count, i, k, h, out);
	windows_put_end(&sum, NULL, end_s, "end_of_input", 0, out);
	for (size_t i = 0; i < count; i++)
		free(written[i].nodes);
	free(written);
	free(h);
}
