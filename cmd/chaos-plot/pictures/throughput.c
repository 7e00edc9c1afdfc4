/* Rates and latencies by the second, under lanes that say what was done. */
#include "draw/axes.h"
#include "draw/dumb.h"
#include "draw/lanes.h"
#include "draw/picture.h"

#include "report/words.h"

#include <math.h>
#include <stdlib.h>

enum {
	LEFT_PX = 82,
	RIGHT_PX = CANVAS_W_PX - 24,
	TOP_PX = 78,  /* below title and subtitle */
	HEAD_PX = 34, /* above a panel: its name and its key */
	X_AXIS_PX = 46,
	FOOTER_PX = 26,
	PANELS_MAX = 6, /* of more loads the sum alone is drawn */
	LOAD_NAME_MAX = 40, /* columns */
	LONG_RUN = 300, /* seconds from which bold lines would blot */
};
static const double rate_share = 0.6; /* of what the two panels have */

/* How many loads have a panel of their own; 0: the sum has one. */
static size_t panels_of(const struct series *s)
{
	return s->part_count > 1 && s->part_count <= PANELS_MAX ? s->part_count : 0;
}

static void head(const struct area *a, const char *name, struct buf *out)
{
	script_label(out, LEFT_PX, a->top - 14, name,
		     "left font strong tc rgb '" COLOUR_TEXT "'");
	buf_addf(out,
		 "set key at screen %.5f, screen %.5f right center horizontal Right samplen 2 "
		 "noenhanced\n",
		 (double)RIGHT_PX / CANVAS_W_PX, 1 - (a->top - 14) / CANVAS_H_PX);
}

static void end_panel(struct buf *out)
{
	buf_addstr(out, "unset label; unset object; unset arrow; unset logscale\n");
}

static double top_rate(const struct series *s)
{
	double top = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct second *x = &s->seconds[i];
		double len = x->length_s > 0 ? x->length_s : 1;
		top = fmax(top, fmax(x->due, fmax(x->ok, x->errors)) / len);
	}
	return top;
}

static void rate_panel(const struct picture *p, const struct series *s, const struct area *a, double end_s,
		       struct buf *out)
{
	char *name = s->name ? text_shorten(s->name, LOAD_NAME_MAX) : NULL;
	char *title = mem_printf("%s%srequests per second", name ? name : "", name ? ": " : "");
	data_rates(out, "rates", s);
	head(a, title, out);
	free(title);
	free(name);
	script_area(out, a);
	lanes_shade(out, p->marks, end_s);
	axis_x(out, end_s, false);
	buf_addf(out,
		 "set yrange [0:%.9g]\n"
		 "set ytics autofreq nomirror scale 0 format '%%g'\n"
		 "plot $rates using 1:4 with fillsteps lc rgb '" COLOUR_ERROR
		 "' fs solid 1 noborder"
		 " title 'errors', \\\n"
		 "     '' using 1:2 with steps lw 1.2 lc rgb '" COLOUR_OFFERED
		 "' title 'offered', \\\n"
		 "     '' using 1:3 with steps lw %g lc rgb '" COLOUR_OK "' title 'successes'\n",
		 axis_top(top_rate(s)), s->count > LONG_RUN ? 1.6 : 2.6);
	end_panel(out);
}

static bool latency_range(const struct series *s, struct log_range *r)
{
	for (size_t i = 0; i < s->count; i++) {
		log_range_add(r, s->seconds[i].p50_ms);
		log_range_add(r, s->seconds[i].p99_ms);
	}
	return r->high > 0;
}

/* Where both percentiles are one, the wide line shows on both sides of the other. */
static bool percentiles_are_one(const struct series *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->seconds[i].p99_ms > s->seconds[i].p50_ms * 1.02)
			return false;
	return true;
}

static void footer(const struct picture *p, struct buf *out)
{
	size_t step = series_step(p->run);
	char *words = step > 1 ? mem_printf("%s; each step is the worst of %zu windows", p->footer, step)
			       : mem_printf("%s", p->footer);
	script_label(out, LEFT_PX, CANVAS_H_PX - 16, words, "left font small tc rgb '" COLOUR_NOTE "'");
	free(words);
}

static void latency_panel(const struct picture *p, const struct area *a, double end_s,
			  struct buf *out)
{
	struct log_range range = {0};
	bool any = latency_range(p->run, &range);
	data_latency(out, "latency", p->run);
	head(a, panels_of(p->run) ? "latency of successes, ms (log scale), of each second the slower load's"
				  : "latency of successes, ms (log scale)", out);
	if (!any)
		script_label(out, (a->left + a->right) / 2, (a->top + a->bottom) / 2,
			     "no successes", "center tc rgb '" COLOUR_NOTE "'");
	footer(p, out);
	script_label(out, (LEFT_PX + RIGHT_PX) / 2.0, a->bottom + 36,
		     "seconds from the start of the run", "center tc rgb '" COLOUR_TEXT "'");
	script_area(out, a);
	lanes_shade(out, p->marks, end_s);
	axis_x(out, end_s, true);
	log_range_set(&range, out);
	if (any)
		buf_addf(out,
			 "plot $latency using 1:3 with steps lw %d lc rgb '" COLOUR_P99
			 "' title 'p99', \\\n"
			 "     '' using 1:2 with steps lw 2 lc rgb '" COLOUR_P50 "' title 'p50'\n",
			 percentiles_are_one(p->run) ? 5 : 2);
	else
		buf_addstr(out, "plot 1e-9 notitle\n");
	end_panel(out);
}

/* A title that is too long for one bold line stands on two smaller ones. */
static void titles(const struct picture *p, struct buf *out)
{
	if (text_columns(p->title) <= TITLE_MAX) {
		script_label(out, 24, 28, p->title, "left font bold tc rgb '" COLOUR_TEXT "'");
	} else {
		size_t cut = text_break(p->title, TITLE_SMALL_MAX);
		char *first = mem_printf("%.*s", (int)cut, p->title);
		char *second = text_shorten(p->title + cut + (p->title[cut] == ' '), TITLE_SMALL_MAX);
		script_label(out, 24, 16, first, "left font large tc rgb '" COLOUR_TEXT "'");
		script_label(out, 24, 36, second, "left font large tc rgb '" COLOUR_TEXT "'");
		free(second);
		free(first);
	}
	script_label(out, 24, 56, p->subtitle, "left tc rgb '" COLOUR_NOTE "'");
}

static void draw_empty(const struct picture *p, struct buf *out)
{
	titles(p, out);
	script_label(out, CANVAS_W_PX / 2.0, CANVAS_H_PX / 2.0, "no samples",
		     "center font bold tc rgb '" COLOUR_NOTE "'");
	buf_addstr(out, "unset border; unset tics; unset key\n"
			"set xrange [0:1]; set yrange [0:1]\nplot -1 notitle\n");
}

static void draw_panels(const struct picture *p, struct buf *out)
{
	double end_s = series_end_s(p->run);
	size_t rows = lanes_rows(p->marks);
	struct area lanes = {LEFT_PX, RIGHT_PX, TOP_PX, TOP_PX + lanes_height_px(rows)};
	size_t parts = panels_of(p->run), panels = parts ? parts : 1;
	double room = CANVAS_H_PX - FOOTER_PX - X_AXIS_PX - lanes.bottom - (double)(panels + 1) * HEAD_PX;
	double share = parts ? 1 - 1 / (double)(parts + 1) : rate_share, height = room * share / (double)panels;
	struct area rates = {LEFT_PX, RIGHT_PX, 0, lanes.bottom};
	titles(p, out);
	if (rows)
		lanes_draw(out, p->marks, &lanes, end_s);
	for (size_t i = 0; i < panels; i++) {
		rates.top = rates.bottom + HEAD_PX;
		rates.bottom = rates.top + height;
		rate_panel(p, parts ? &p->run->parts[i] : p->run, &rates, end_s, out);
	}
	struct area latency = {LEFT_PX, RIGHT_PX, rates.bottom + HEAD_PX,
			       rates.bottom + HEAD_PX + room * (1 - share)};
	latency_panel(p, &latency, end_s, out);
}

static void draw(const struct picture *p, struct buf *out)
{
	script_begin(out, "throughput", p->terminal, p->columns, p->output);
	if (p->terminal == TERMINAL_DUMB)
		dumb_throughput(p, out);
	else if (!p->run->count)
		draw_empty(p, out);
	else
		draw_panels(p, out);
	script_end(out, p->output);
}

const struct picture_kind throughput_picture = {
	.name = "throughput",
	.footer = "offered and errors by due time, successes by completion; "
		  "latency from the due time to the end of the answer",
	.draw = draw,
};
