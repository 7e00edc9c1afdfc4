/* The pictures of one run: panels over time, under lanes that say what was done. */
#include "draw/axes.h"
#include "draw/dumb.h"
#include "draw/lanes.h"
#include "draw/latency.h"
#include "draw/picture.h"
#include "pictures/panel.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>

enum {
	LEFT_PX = 82,
	RIGHT_PX = CANVAS_W_PX - 24,
	TOP_PX = 78,  /* below title and subtitle */
	TITLE_PX = 42, /* of these, the title's */
	HEAD_PX = 34, /* above a panel: its name and its key */
	X_AXIS_PX = 46,
	FOOTER_PX = 26,
	GUTTER_PX = 76, /* between panels beside each other */
	ROWS_MAX = 8,
	NODES_MAX = 12, /* of more nodes, or of more loads than rows but one, the sum alone is drawn */
	COLUMN_MAX = 4, /* more nodes than that stand in two columns */
};

/* Where both percentiles are one, the wide line shows on both sides of the other. */
static bool percentiles_are_one(const struct series *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->seconds[i].p99_ms > s->seconds[i].p50_ms * 1.02)
			return false;
	return true;
}

/* When requests timed out, in stretches, at the upper edge; nothing if none did. */
static void timeouts(const struct series *s, double at, struct buf *out, struct buf *plots)
{
	double from = NAN, to = NAN;
	bool any = false;
	struct buf rows = BUF_INIT;
	for (size_t i = 0; i <= s->count; i++) {
		const struct second *x = i < s->count ? &s->seconds[i] : NULL;
		bool is = x && x->classes && x->classes[ERROR_TIMEOUT] > 0;
		if (is && isnan(from))
			from = x->start_s;
		if (!is && !isnan(from)) {
			buf_addf(&rows, "%.6g %.6g %.6g\n", from, at, to - from);
			from = NAN;
			any = true;
		}
		if (is)
			to = x->start_s + x->length_s;
	}
	if (any) {
		buf_addf(out, "$timeouts <<EOD\n%sEOD\n", rows.data);
		buf_addstr(plots, "$timeouts using 1:2:3:(0) with vectors nohead lw 6 lc rgb " COLOUR_ERROR " title 'timeouts', ");
	}
	buf_release(&rows);
}

static void latencies(const struct panel *n, struct buf *out)
{
	struct log_range range = {0};
	struct buf plots = BUF_INIT;
	bool any = latency_range(n->of, &range);
	data_latency(out, "latency", n->of);
	panel_head(n, n->of->loads.count > 1 ? "latency of successes, ms (log scale), p50 and p99 of the slowest load"
				       : "latency of successes, ms (log scale)", false, out);
	if (!any)
		script_label(out, (n->area.left + n->area.right) / 2, (n->area.top + n->area.bottom) / 2,
			     series_no_latency(n->of), "center tc rgb " COLOUR_NOTE "");
	panel_begin(n, NULL, out); /* shades would be taken for counts */
	log_range_set(&range, n->area.bottom - n->area.top, out);
	heat_map(out, "heat", n->of, n->end_s, &range, &plots);
	timeouts(n->of, log10(range.high) - 0.02 * log10(range.high / range.low), out, &plots);
	double low = log10(range.low);
	if (any)
		buf_addf(&plots,
			 "$latency using 1:($3>0?log10($3):%.9g) with steps lw %d lc rgb " COLOUR_P99 " title 'p99', \\\n"
			 "     '' using 1:($2>0?log10($2):%.9g) with steps lw 2 lc rgb " COLOUR_P50 " title 'p50'",
			 low, percentiles_are_one(n->of) ? 5 : 2, low);
	else
		buf_addstr(&plots, "-1e9 notitle");
	buf_addf(out, "plot %s\n", plots.data);
	panel_end(out);
	buf_release(&plots);
}

static void add_in_flight(struct log_range *range, const struct series *s)
{
	for (size_t i = 0; i < s->count; i++) {
		log_range_add(range, s->seconds[i].in_flight);
		log_range_add(range, s->seconds[i].late_ms);
	}
}

/* Whether the generator can be relied on: how late it sent, what it waited for, grey where it was the limit. */
static void trust(const struct panel *n, struct buf *out)
{
	struct log_range range = {0};
	const struct strip *limits = &n->p->marks->strips[STRIP_GENERATOR];
	add_in_flight(&range, n->of);
	data_trust(out, "trust", n->of);
	char *words = mem_printf("generator%s%s", *n->p->marks->generator ? ": " : "", n->p->marks->generator);
	panel_head(n, words, false, out);
	free(words);
	panel_begin(n, limits, out);
	log_range_set(&range, n->area.bottom - n->area.top, out);
	double low = log10(range.low) + 0.04 * log10(range.high / range.low); /* none in flight is seen, too */
	buf_addf(out,
		 "set ytics (%s'0.01' -2, '1' 0, '100' 2, '10 k' 4, '1 M' 6) nomirror scale 0\n"
		 "plot %s$trust using 1:($2>0?log10($2):%.9g) with steps lw 1.6 lc rgb " COLOUR_OFFERED " title 'in flight'",
		 range.high / range.low < 300 ? "'0.1' -1, '10' 1, '1 k' 3, " : "",
		 limits->count ? "keyentry with boxes fs solid 1 noborder lc rgb " COLOUR_FAULT_PALE " title 'the limit', " : "", low);
	if (series_knows_due(n->of))
		buf_addf(out, ", \\\n     '' using 1:($3>0?log10($3):%.9g) with steps lw 1.6 lc rgb " COLOUR_P99 " title 'ms late at most'", low);
	buf_addch(out, '\n');
	panel_end(out);
}

/* The curves of latency percentiles: before the first fault, from there to the end of the last, and after
 * it; without a fault, one of the whole run. */
static void percentiles(const struct panel *n, struct buf *out)
{
	const struct marks *m = n->p->marks;
	double from = INFINITY, to = -INFINITY;
	for (size_t i = 0; i < m->bar_count; i++) {
		double end = bar_end_s(&m->bars[i]);
		from = fmin(from, bar_start_s(&m->bars[i]));
		to = fmax(to, isnan(end) ? n->end_s : end);
	}
	from = floor(from);
	const struct curve curves[] = {{n->of, 0, from, COLOUR_OK, m->bar_count ? "before the fault" : "all of the run"},
				       {n->of, from, to, COLOUR_ERROR, "while it acted"},
				       {n->of, fmax(to, from), INFINITY, COLOUR_AFTER, "afterwards"}};
	panel_head(n, "latency by percentile, ms (log scale)", false, out);
	script_label(out, (n->area.left + n->area.right) / 2, n->area.bottom + 36,
		     "percentile of successes; dotted where fewer than 10 are slower", "center tc rgb " COLOUR_TEXT "");
	script_area(out, &n->area);
	percentile_curves(out, curves, ARRAY_LEN(curves));
}

static void titles(const struct picture *p, struct buf *out)
{
	picture_title(p, out);
	script_label(out, 24, p->title ? 56 : 56 - TITLE_PX, p->subtitle, "left tc rgb " COLOUR_NOTE "");
}

static void draw_empty(const struct picture *p, struct buf *out)
{
	titles(p, out);
	script_label(out, CANVAS_W_PX / 2.0, CANVAS_H_PX / 2.0, "no samples", "center font bold tc rgb " COLOUR_NOTE "");
	buf_addstr(out, "unset border; unset tics; unset key\n"
			"set xrange [0:1]; set yrange [0:1]\nplot -1 notitle\n");
}

/* A row of panels: what is drawn, of what, and how high it is beside the others. */
struct row {
	const struct series *of, *right_of;
	void (*left)(const struct panel *n, struct buf *out);
	void (*right)(const struct panel *n, struct buf *out); /* or NULL */
	double share;
	bool half;    /* the left takes half of the width */
	bool no_time; /* its axis is not that of time */
};

static struct area half_of(const struct area *a, size_t side)
{
	double middle = (a->left + a->right) / 2;
	return side ? (struct area){middle + GUTTER_PX / 2.0, a->right, a->top, a->bottom}
		    : (struct area){a->left, middle - GUTTER_PX / 2.0, a->top, a->bottom};
}

/* last, right_last: nothing of the axis of time stands below. */
static void draw_row(const struct picture *p, const struct row *r, struct area area, bool last, bool right_last,
		     struct buf *out)
{
	struct panel n = {p, r->of, r->half ? half_of(&area, 0) : area, series_end_s(p->run), last, r->half};
	r->left(&n, out);
	if (!r->right)
		return;
	n.of = r->right_of;
	n.last = right_last;
	n.area = half_of(&area, 1);
	r->right(&n, out);
}

static void draw_rows(const struct picture *p, const struct row *rows, size_t count, struct buf *out)
{
	size_t marks = lanes_rows(p->marks);
	double top = p->title ? TOP_PX : TOP_PX - TITLE_PX, all = 0, axes = X_AXIS_PX;
	struct area area = {LEFT_PX, RIGHT_PX, top, top + lanes_height_px(marks)};
	titles(p, out);
	picture_footer(p, LEFT_PX, out);
	/* Over each axis of time that begins below them. */
	if (marks)
		for (size_t side = 0; side < (rows[0].half ? 2 : 1); side++) {
			struct area its = rows[0].half ? half_of(&area, side) : area;
			lanes_draw(out, p->marks, &its, series_end_s(p->run));
		}
	for (size_t i = 0; i < count; i++) {
		all += rows[i].share;
		axes += (rows[i].no_time ? X_AXIS_PX : 0) + (rows[i].half ? KEY_PX : 0);
	}
	double room = CANVAS_H_PX - FOOTER_PX - axes - area.bottom - (double)count * HEAD_PX;
	for (size_t i = 0; i < count; i++) {
		bool last = i + 1 == count || rows[i + 1].no_time;
		area.top = area.bottom + HEAD_PX + (rows[i].half ? KEY_PX : 0);
		area.bottom = area.top + room * rows[i].share / all;
		draw_row(p, &rows[i], area, last && !rows[i].no_time, last || !rows[i + 1].right, out);
		area.bottom += last && i + 1 < count ? X_AXIS_PX : 0;
	}
}

static bool fits(const struct series_list *list, size_t most)
{
	return list->count > 1 && list->count <= most;
}

static void draw_throughput(const struct picture *p, struct buf *out)
{
	const struct series_list *loads = &p->run->loads;
	struct row rows[ROWS_MAX];
	size_t count = fits(loads, ROWS_MAX - 2) ? loads->count : 1;
	for (size_t i = 0; i < count; i++)
		rows[i] = (struct row){.of = count > 1 ? &loads->all[i] : p->run, .left = panel_rates, .share = 1};
	rows[count] = (struct row){.of = p->run, .left = latencies, .share = count > 1 ? 1 : 0.75};
	rows[count + 1] = (struct row){.of = p->run, .left = trust, .share = count > 1 ? 0.35 : 0.2};
	draw_rows(p, rows, count + 1 + (p->run->count && !isnan(p->run->seconds[0].in_flight)), out);
}

static void draw_latency(const struct picture *p, struct buf *out)
{
	draw_rows(p, (struct row[]){{p->run, NULL, latencies, NULL, 1, false, false}, {p->run, NULL, percentiles, NULL, 0.8, false, true}}, 2, out);
}

static void draw_loads(const struct picture *p, struct buf *out)
{
	const struct series_list *loads = &p->run->loads;
	struct row rows[ROWS_MAX];
	size_t count = fits(loads, ROWS_MAX) ? loads->count : 1;
	for (size_t i = 0; i < count; i++) {
		const struct series *of = count > 1 ? &loads->all[i] : p->run;
		rows[i] = (struct row){of, of, panel_rates, latencies, 1, true, false};
	}
	draw_rows(p, rows, count, out);
}

static void draw_nodes(const struct picture *p, struct buf *out)
{
	const struct series_list *nodes = &p->run->nodes;
	struct row rows[ROWS_MAX] = {{.of = p->run, .left = panel_rates, .share = 1}};
	size_t columns = nodes->count > COLUMN_MAX ? 2 : 1, count = 0;
	for (size_t i = 0; nodes->count <= NODES_MAX && i < nodes->count; i += columns) {
		bool pair = columns == 2 && i + 1 < nodes->count;
		rows[count++] = (struct row){&nodes->all[i], pair ? &nodes->all[i + 1] : NULL, panel_rates,
					     pair ? panel_rates : NULL, 1, columns == 2, false};
	}
	draw_rows(p, rows, count ? count : 1, out);
}

static void draw(const struct picture *p, struct buf *out)
{
	script_begin(out, p->kind->name, &p->canvas);
	if (p->canvas.terminal == TERMINAL_DUMB)
		dumb_throughput(p, out);
	else if (!p->run->count)
		draw_empty(p, out);
	else
		p->kind->panels(p, out);
	script_end(out, p->canvas.output);
}

#define BY_TIME "by {due}, successes by completion; normal: median ± MAD {normal}"
#define LATENCY "latency from the {due} to the end of the answer; the stronger the colour, the more"

const struct picture_kind throughput_picture = {
	.name = "throughput", .footer = BY_TIME "; " LATENCY, .draw = draw, .panels = draw_throughput};
const struct picture_kind latency_picture = {
	.name = "latency", .footer = LATENCY, .draw = draw, .panels = draw_latency};
const struct picture_kind loads_picture = {
	.name = "loads", .footer = BY_TIME "; " LATENCY, .draw = draw, .panels = draw_loads};
const struct picture_kind nodes_picture = {
	.name = "nodes", .footer = "all by {due}; normal: median ± MAD {normal}", .by_node = true,
	.draw = draw, .panels = draw_nodes};
