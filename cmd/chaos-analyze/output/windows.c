#include "output/windows.h"

#include "base/units.h"
#include "output/report_parts.h"

#include <math.h>
#include <stdlib.h>

void windows_put(struct json *line, struct buf *out)
{
	json_write(line, false, out);
	buf_addch(out, '\n');
	json_free(line);
}

struct json *windows_line(const char *type)
{
	struct json *j = json_object_new();
	json_set_str(j, "type", type);
	return j;
}

void windows_put_head(double t0_s, struct buf *out)
{
	struct json *j = windows_line("windows");
	json_set_str(j, "format", "chaos-windows/1");
	json_set_round(j, "t0", t0_s, 6);
	windows_put(j, out);
}

void windows_put_window(const struct grid *g, const char *load, size_t k, size_t number, bool final,
			struct hist *h, struct buf *out)
{
	const struct grid_window *w = &g->windows[k];
	double length_s = ns_to_s(g->window_ns);
	struct json *j = windows_line("window");
	grid_latency(g, k, h);
	json_set_round(j, "start_s", (double)number * length_s, 6);
	json_set_round(j, "length_s", length_s * (double)w->covered, 6);
	json_set_int(j, "due", w->due);
	json_set_int(j, "ok", w->ok);
	json_set_int(j, "err", w->err);
	json_set_int(j, "completed_ok", w->completed_ok);
	json_set_bool(j, "unmeasured", w->unmeasured);
	json_set_round(j, "error_rate", w->due ? grid_error_rate(w) : (double)NAN, 6);
	report_percentiles(j, h);
	report_ms(j, "max_latency_ms", h->total ? h->max_ns : -1);
	json_set_bool(j, "final", final);
	if (load)
		json_set_str(j, "load", load);
	windows_put(j, out);
}

void windows_put_gap(size_t first, size_t count, double length_s, struct buf *out)
{
	struct grid_window gap = {.covered = (float)count};
	const struct grid g = {.windows = &gap, .count = 1, .window_ns = s_to_ns(length_s)};
	struct hist *h = hist_new();
	windows_put_window(&g, NULL, 0, first, true, h, out);
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
	json_set(j, "reasons", report_reasons(i->reasons));
	if (!open) {
		json_set_bool(j, "recovered", x->recovered);
		json_set_bool(j, "withdrawn", change == TRACK_WITHDRAWN);
	}
	if (load)
		json_set_str(j, "load", load);
	windows_put(j, out);
}

void windows_put_end(const struct run *r, double end_s, const char *reason, uint64_t late,
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
	windows_put(j, out);
}

/* What is written of a load. */
struct written {
	const struct finding *of;
	const char *load;
	size_t opened, closed;
};

/* Ids differ from load to load. */
static struct tracked tracked_of(const struct written *w, size_t interval, size_t load, size_t count)
{
	const struct detection *d = &w->of->analysis.own.detection;
	return (struct tracked){.id = (unsigned)(interval * count + load) + 1, .interval = d->intervals[interval],
				.recovered = track_is_over(d, &d->intervals[interval], w->of->params.detect.healthy_windows)};
}

static void write_window(struct written *all, size_t count, size_t load, size_t k, struct hist *h, struct buf *out)
{
	struct written *w = &all[load];
	const struct grid *g = &w->of->analysis.own.run->grid;
	const struct detection *d = &w->of->analysis.own.detection;
	if (k >= g->count)
		return;
	windows_put_window(g, w->load, k, k, true, h, out);
	for (; w->opened < d->interval_count && d->intervals[w->opened].alarm <= k; w->opened++) {
		const struct tracked x = tracked_of(w, w->opened, load, count);
		windows_put_change(TRACK_OPEN, w->load, &x, ns_to_s(g->window_ns), out);
	}
	for (; w->closed < w->opened && (d->intervals[w->closed].end <= k || k + 1 == g->count); w->closed++) {
		const struct tracked x = tracked_of(w, w->closed, load, count);
		windows_put_change(TRACK_CLOSE, w->load, &x, ns_to_s(g->window_ns), out);
	}
}

void windows_write(const struct finding *all, size_t count, struct buf *out)
{
	struct hist *h = mem_alloc(sizeof *h);
	struct run sum = {0}; /* of the counts alone */
	struct written *written = mem_alloc(count * sizeof *written);
	double t0_s = (double)NAN, end_s = 0;
	size_t windows = 0;
	for (size_t i = 0; i < count; i++) {
		const struct run *r = all[i].analysis.own.run;
		written[i] = (struct written){&all[i], count > 1 ? all[i].load : NULL, 0, 0};
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
	windows_put_head(t0_s, out);
	for (size_t k = 0; k < windows; k++)
		for (size_t i = 0; i < count; i++)
			write_window(written, count, i, k, h, out);
	windows_put_end(&sum, end_s, "end_of_input", 0, out);
	free(written);
	free(h);
}
