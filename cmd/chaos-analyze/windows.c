#include "windows.h"

#include "base/units.h"
#include "report_parts.h"
#include "stream/json.h"

#include <math.h>
#include <stdlib.h>

/* Takes the line over. */
static void put(struct json *line, struct buf *out)
{
	json_write(line, false, out);
	buf_addch(out, '\n');
	json_free(line);
}

static struct json *line_of(const char *type)
{
	struct json *j = json_object_new();
	json_set_str(j, "type", type);
	return j;
}

static void put_window(const struct grid *g, size_t k, struct hist *h, struct buf *out)
{
	const struct grid_window *w = &g->windows[k];
	double length_s = ns_to_s(g->window_ns);
	struct json *j = line_of("window");
	grid_latency(g, k, h);
	json_set_round(j, "start_s", (double)k * length_s, 6);
	json_set_round(j, "length_s", length_s * (double)w->covered, 6);
	json_set_int(j, "due", w->due);
	json_set_int(j, "ok", w->ok);
	json_set_int(j, "err", w->err);
	json_set_int(j, "completed_ok", w->completed_ok);
	json_set_bool(j, "unmeasured", w->unmeasured);
	json_set_round(j, "error_rate", w->due ? grid_error_rate(w) : (double)NAN, 6);
	report_ms(j, "p50_latency_ms", hist_quantile_ns(h, summary_quantiles[0]));
	report_ms(j, "p95_latency_ms", hist_quantile_ns(h, summary_quantiles[1]));
	report_ms(j, "p99_latency_ms", hist_quantile_ns(h, summary_quantiles[2]));
	report_ms(j, "max_latency_ms", h->total ? h->max_ns : -1);
	json_set_bool(j, "final", true);
	put(j, out);
}

static void put_interval(const struct interval *x, const char *type, double length_s,
			 struct buf *out)
{
	struct json *j = line_of(type);
	json_set_round(j, "start_s", (double)x->start * length_s, 6);
	json_set_round(j, "detected_s", (double)(x->alarm + 1) * length_s, 6);
	json_set(j, "reasons", report_reasons(x->reasons));
	put(j, out);
}

void windows_write(const struct analysis *a, struct buf *out)
{
	const struct grid *g = &a->run->grid;
	const struct detection *d = &a->detection;
	double length_s = ns_to_s(g->window_ns);
	struct hist *h = mem_alloc(sizeof *h);
	struct json *head = line_of("windows");
	json_set_str(head, "format", "chaos-windows/1");
	json_set_round(head, "t0", g->count ? ns_to_s(g->t0_ns) : (double)NAN, 6);
	put(head, out);
	size_t opened = 0, closed = 0;
	for (size_t k = 0; k < g->count; k++) {
		put_window(g, k, h, out);
		for (; opened < d->interval_count && d->intervals[opened].alarm <= k; opened++)
			put_interval(&d->intervals[opened], "interval_open", length_s, out);
		for (; closed < opened && d->intervals[closed].end <= k; closed++) {
			struct json *j = line_of("interval_close");
			json_set_round(j, "start_s", (double)d->intervals[closed].start * length_s, 6);
			json_set_round(j, "end_s", (double)d->intervals[closed].end * length_s, 6);
			put(j, out);
		}
	}
	free(h);
}
