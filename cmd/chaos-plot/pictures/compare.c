/* A run beside its baseline: one small panel a metric, each on its own scale from zero, and both
 * throughputs over time. */
#include "report/words.h"
#include "draw/axes.h"
#include "base/buf.h"
#include "draw/dumb.h"
#include "draw/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEFT_PX = 24,
	RIGHT_PX = CANVAS_W_PX - 24,
	PANELS_TOP_PX = 178,
	PANELS_BOTTOM_PX = 412,
	CURVES_TOP_PX = 498,
	CURVES_BOTTOM_PX = CANVAS_H_PX - 72,
	CURVES_LEFT_PX = 82,
	SUBTITLE_PX = 54,
	LINE_PX = 19,
	PANEL_PAD_PX = 26,
	NAME_MAX = 13,	   /* columns of a run's name below its bar */
	KEY_NAME_MAX = 40, /* in the key of the curves */
	DUMB_TEXT = 66, /* columns beside the bars of a page in letters */
};

static const char *const sense_words[] = {
	[CHANGE_NONE] = "", [CHANGE_UNSURE] = "not certain", [CHANGE_WORSE] = "worse"};
static const char *const sense_colours[] = {
	[CHANGE_NONE] = COLOUR_TEXT, [CHANGE_UNSURE] = COLOUR_TEXT, [CHANGE_WORSE] = COLOUR_ERROR};

static void data_change(struct buf *out, enum metric m, const struct change *c)
{
	buf_addf(out, "$metric%d <<EOD\n1 %.9g\n2 %.9g\nEOD\n", (int)m, c->baseline, c->run);
}

static void panel_label(double x, double y, const char *words, const char *font, const char *colour,
			struct buf *out)
{
	char style[96];
	snprintf(style, sizeof style, "center font %s tc rgb '%s'", font, colour);
	script_label(out, x, y, words, style);
}

static void bar_label(struct buf *out, int at, double v, const char *words)
{
	buf_addf(out, "set label ");
	script_quote(out, words);
	buf_addf(out, " at %d, %.9g center offset 0, 0.6 noenhanced tc rgb '" COLOUR_TEXT "'\n", at,
		 isnan(v) ? 0 : v);
}

/* Names that would run into each other are left to the lines below the title. */
static void bar_names(const struct picture *p, double mid, double bar, struct buf *out)
{
	bool fit =
		text_columns(p->baseline_name) <= NAME_MAX && text_columns(p->run_name) <= NAME_MAX;
	panel_label(mid - bar, PANELS_BOTTOM_PX + 16, fit ? p->baseline_name : "baseline",
		    "small", COLOUR_NOTE, out);
	panel_label(mid + bar, PANELS_BOTTOM_PX + 16, fit ? p->run_name : "run", "small",
		    COLOUR_NOTE, out);
}

static void panel(const struct picture *p, enum metric m, struct buf *out)
{
	const struct change *c = &p->changes[m];
	double width = (double)(RIGHT_PX - LEFT_PX) / METRIC_COUNT, x = LEFT_PX + width * (int)m;
	double mid = x + width / 2;
	struct area a = {x + PANEL_PAD_PX, x + width - PANEL_PAD_PX, PANELS_TOP_PX,
			 PANELS_BOTTOM_PX};
	data_change(out, m, c);
	panel_label(mid, PANELS_TOP_PX - 62, metric_name(m), "strong", COLOUR_TEXT, out);
	panel_label(mid, PANELS_TOP_PX - 36, c->words, "large", sense_colours[c->sense], out);
	panel_label(mid, PANELS_TOP_PX - 14, sense_words[c->sense], "''",
		    sense_colours[c->sense], out);
	bar_label(out, 1, c->baseline, c->baseline_words);
	bar_label(out, 2, c->run, c->run_words);
	bar_names(p, mid, (a.right - a.left) / 4, out);
	script_area(out, &a);
	buf_addf(out,
		 "set border 1 lc rgb '#999999'; unset xtics; unset ytics; unset key; unset grid\n"
		 "set xrange [0.5:2.5]; set yrange [0:%.9g]; set boxwidth 0.62\n"
		 "plot $metric%d every ::0::0 using 1:2 with boxes lc rgb '" COLOUR_BASELINE
		 "' fs solid 1 noborder, \\\n"
		 "     '' every ::1::1 using 1:2 with boxes lc rgb '" COLOUR_OK
		 "' fs solid 1 noborder\n"
		 "unset label\n",
		 fmax(fmax(c->baseline, c->run), 1e-9) * 1.15, (int)m);
}

static double rate_top(const struct series *s, double top)
{
	for (size_t i = 0; s && i < s->count; i++)
		if (!s->seconds[i].unmeasured && s->seconds[i].length_s > 0)
			top = fmax(top, s->seconds[i].ok / s->seconds[i].length_s);
	return top;
}

static double common_end_s(const struct picture *p)
{
	return fmax(fmax(series_end_s(p->run), series_end_s(p->baseline)), 1);
}

static void key_name(struct buf *out, const char *name)
{
	char *cut = text_shorten(name, KEY_NAME_MAX);
	script_quote(out, cut);
	free(cut);
}

static void curves(const struct picture *p, struct buf *out)
{
	struct area a = {CURVES_LEFT_PX, RIGHT_PX, CURVES_TOP_PX, CURVES_BOTTOM_PX};
	double end_s = common_end_s(p);
	data_rates(out, "baseline", p->baseline);
	data_rates(out, "run", p->run);
	script_label(out, CURVES_LEFT_PX, a.top - 18, "successes per second",
		     "left font strong tc rgb '" COLOUR_TEXT "'");
	script_label(out, (a.left + a.right) / 2, a.bottom + 36,
		     "seconds from the start of each run", "center tc rgb '" COLOUR_TEXT "'");
	script_label(out, CURVES_LEFT_PX, CANVAS_H_PX - 16, p->kind->footer,
		     "left font small tc rgb '" COLOUR_NOTE "'");
	script_area(out, &a);
	axis_x(out, 0, end_s, true);
	buf_addf(out,
		 "set key at screen %.5f, screen %.5f right center horizontal Right samplen 2 "
		 "noenhanced\n"
		 "set yrange [0:%.9g]; set ytics autofreq nomirror scale 0 format '%%g'\nplot ",
		 (double)RIGHT_PX / CANVAS_W_PX, 1 - (a.top - 18) / CANVAS_H_PX,
		 axis_top(rate_top(p->run, rate_top(p->baseline, 0))));
	const char *comma = "";
	if (p->baseline->count) {
		buf_addf(out, "$baseline using 1:3 with steps lw 2.4 lc rgb '%s' title ",
			 COLOUR_BASELINE);
		key_name(out, p->baseline_name);
		comma = ", ";
	}
	if (p->run->count) {
		buf_addf(out, "%s$run using 1:3 with steps lw 2.2 lc rgb '%s' title ", comma,
			 COLOUR_OK);
		key_name(out, p->run_name);
		comma = ", ";
	}
	buf_addf(out, "%s\nunset label\n", *comma ? "" : "-1 notitle");
}

/* Two lines a metric: its bars to one scale, its values, its change. */
static void dumb_metric(enum metric m, const struct picture *p, size_t row, struct buf *out)
{
	static const char bar[] = "==================================";
	const struct change *c = &p->changes[m];
	int room = (int)p->columns - DUMB_TEXT < (int)strlen(bar) ? (int)p->columns - DUMB_TEXT : (int)strlen(bar);
	double top = fmax(c->baseline, c->run);
	int base = c->baseline > 0 ? (int)round(c->baseline / top * room) : 0;
	int run = c->run > 0 ? (int)round(c->run / top * room) : 0;
	char *lines[2] = {
		mem_printf("%-12s b %-*.*s %s", metric_name(m), room, base, bar, c->baseline_words),
		mem_printf("%-12s r %-*.*s %s", "", room, run, bar, c->run_words),
	};
	char *change = mem_printf("%s%s%s", c->words, *sense_words[c->sense] ? "  " : "",
				  sense_words[c->sense]);
	for (size_t i = 0; i < 2; i++) {
		page_label(out, p->columns, 0, row + i, lines[i]);
		free(lines[i]);
	}
	page_label(out, p->columns, (size_t)room + 30, row + 1, change);
	free(change);
}

static void dumb_page(const struct picture *p, struct buf *out)
{
	enum { FIRST = 3, CURVES = FIRST + 2 * METRIC_COUNT + 1 };
	char *base = text_shorten(p->baseline_name, p->columns / 2 - 6);
	char *run = text_shorten(p->run_name, p->columns / 2 - 6);
	char *names = mem_printf("b = %s   r = %s", base, run);
	page_label(out, p->columns, 0, 0, p->title);
	page_label(out, p->columns, 0, 1, names);
	free(names);
	free(base);
	free(run);
	for (enum metric m = 0; m < METRIC_COUNT; m++)
		dumb_metric(m, p, FIRST + 2 * (size_t)m, out);
	page_label(out, p->columns, 8, CURVES,
		   "successes per second:  b baseline   r run   (x: seconds)");
	double end_s = common_end_s(p);
	struct log_range unused = {0};
	double top = fmax(dumb_data(out, p->columns, "baseline", p->baseline, end_s, &unused),
			  dumb_data(out, p->columns, "run", p->run, end_s, &unused));
	dumb_area(out, p->columns, CURVES + 1, PAGE_ROWS - 2);
	buf_addf(out,
		 "set border 3; unset key; set xrange [0:%.6f]; set yrange [0:%.9g]\n"
		 "set xtics nomirror scale 0; set ytics nomirror scale 0\nplot -1%s%s\nunset "
		 "label\n",
		 end_s, axis_top(top),
		 p->baseline->count ? ", $baseline using 1:3 with points pt 'b' lt 1" : "",
		 p->run->count ? ", $run using 1:3 with points pt 'r' lt 1" : "");
}

static void draw(const struct picture *p, struct buf *out)
{
	script_begin(out, "compare", p->terminal, p->columns, p->output);
	if (p->terminal == TERMINAL_DUMB) {
		dumb_page(p, out);
	} else {
		if (p->title)
			script_label(out, 24, 28, p->title, "left font bold tc rgb '" COLOUR_TEXT "'");
		const char *const lines[] = {p->subtitle, p->baseline_subtitle, p->notes};
		for (size_t i = 0; i < ARRAY_LEN(lines); i++)
			script_label(out, 24, SUBTITLE_PX + LINE_PX * (double)i,
				     lines[i], "left tc rgb '" COLOUR_NOTE "'");
		for (enum metric m = 0; m < METRIC_COUNT; m++)
			panel(p, m, out);
		curves(p, out);
	}
	script_end(out, p->output);
}

const struct picture_kind compare_picture = {
	.name = "compare",
	.compares = true,
	.footer = "above: after the warm-up, latency of successes from the due time to the end of "
		  "the answer; below: successes by completion",
	.draw = draw,
};
