/* A run beside its baseline: what changed, with how much of it is certain, the latencies by percentile, and
 * both throughputs over time. */
#include "report/facts/words.h"
#include "draw/axes.h"
#include "base/buf.h"
#include "draw/dumb.h"
#include "draw/lanes.h"
#include "draw/latency.h"
#include "draw/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEFT_PX = 24,
	RIGHT_PX = CANVAS_W_PX - 24,
	SUBTITLE_PX = 54,
	LINE_PX = 19,
	TITLE_PX = 26, /* of these, the title's */
	METRICS_TOP_PX = 160, /* of the rows of metrics, and of the percentiles beside them */
	METRICS_BOTTOM_PX = 420,
	DOTS_LEFT_PX = 150,
	DOTS_RIGHT_PX = 390,
	VALUES_PX = 404, /* then a column of values, of changes, and of what they mean */
	CHANGES_PX = 552,
	SENSES_PX = 680,
	PERCENTILES_LEFT_PX = 830,
	CURVES_TOP_PX = 520,
	CURVES_BOTTOM_PX = CANVAS_H_PX - 72,
	CURVES_LEFT_PX = 82,
	KEY_NAME_MAX = 30, /* in the key of the curves */
	RATIO_MAX = 1024,
	DUMB_TEXT = 66, /* columns beside the bars of a page in letters */
};

static const char *const sense_words[] = {
	[CHANGE_NONE] = "", [CHANGE_UNSURE] = "not certain", [CHANGE_WORSE] = "worse"};
static const char *const sense_colours[] = {
	[CHANGE_NONE] = COLOUR_TEXT, [CHANGE_UNSURE] = COLOUR_TEXT, [CHANGE_WORSE] = COLOUR_ERROR};

static void row_label(double x, size_t row, const char *words, const char *font, const char *colour, struct buf *out)
{
	double height = (double)(METRICS_BOTTOM_PX - METRICS_TOP_PX) / METRIC_COUNT;
	char style[96];
	snprintf(style, sizeof style, "left font %s tc rgb %s", font, colour);
	script_label(out, x, METRICS_TOP_PX + ((double)row + 0.5) * height, words, style);
}

/* Powers of two, as many as have room. */
static void ratio_axis(const struct log_range *r, struct buf *out)
{
	int from = (int)ceil(log2(r->low) - 0.1), to = (int)floor(log2(r->high) + 0.1), step = (to - from + 4) / 5;
	buf_addstr(out, "set xtics ('1' 0");
	for (int k = from / step * step; k <= to; k += step)
		if (k)
			buf_addf(out, ", '%s%d' %d", k < 0 ? "1/" : "", 1 << abs(k), k);
	buf_addstr(out, ") nomirror scale 0\n");
}

/* The ratio of each metric as a dot, with its interval, on what is tolerated; one without a ratio is told in
 * words alone. */
static void ratios(const struct picture *p, struct buf *out)
{
	struct log_range range = {0.5, 2};
	struct area a = {DOTS_LEFT_PX, DOTS_RIGHT_PX, METRICS_TOP_PX, METRICS_BOTTOM_PX};
	size_t rows = 0;
	buf_addstr(out, "$ratios <<EOD\n");
	for (enum metric m = 0; m < METRIC_COUNT; m++) {
		const struct change *c = &p->changes[m];
		if (!(c->ratio > 0))
			continue;
		rows++;
		double ratio = fmin(fmax(c->ratio, 1.0 / RATIO_MAX), RATIO_MAX);
		log_range_add(&range, ratio); /* of an interval that is wide, only the beginning */
		log_range_add(&range, fmax(fmin(c->low, ratio), ratio / 16));
		log_range_add(&range, fmin(fmax(c->high, ratio), ratio * 16));
		buf_addf(out, "%.6g %.6g %.6g %d %.6g\n", log2(ratio), log2(fmax(c->low, 1e-3)), log2(fmax(c->high, 1e-3)),
			 METRIC_COUNT - 1 - (int)m, c->tolerance);
	}
	buf_addstr(out, "EOD\n");
	script_label(out, LEFT_PX, a.top - 18, "run / baseline, with its interval; grey: tolerated",
		     "left font strong tc rgb " COLOUR_TEXT "");
	script_area(out, &a);
	ratio_axis(&range, out);
	buf_addf(out,
		 "set border 1 lc rgb " COLOUR_AXIS "; unset key; set tics textcolor rgb " COLOUR_TEXT "; unset ytics\n"
		 "set grid noytics xtics lt 1 lw 0.6 lc rgb " COLOUR_GRID " back\n"
		 "set xrange [%.6g:%.6g]; set yrange [-0.5:%.1f]\n"
		 "set arrow from 0, graph 0 to 0, graph 1 nohead lc rgb " COLOUR_AXIS " back\n"
		 "plot %s $ratios using (0):4:(log(1-$5)/log(2)):(log(1+$5)/log(2)):($4-0.3):($4+0.3) with boxxyerror lc rgb " COLOUR_UNMEASURED " fs solid 1 noborder, '' using 1:4:2:3 with xerrorbars pt 7 ps 1.1 lw 2.2 lc rgb " COLOUR_OK "\n"
		 "unset label; unset arrow\n",
		 log2(range.low) - 0.1, log2(range.high) + 0.1, METRIC_COUNT - 0.5, rows ? "" : "-9 notitle #");
}

static void metrics(const struct picture *p, struct buf *out)
{
	for (enum metric m = 0; m < METRIC_COUNT; m++) {
		const struct change *c = &p->changes[m];
		char *values = mem_printf("%s → %s", *c->baseline_words ? c->baseline_words : "–", *c->run_words ? c->run_words : "–");
		row_label(LEFT_PX, m, metric_name(m), "strong", COLOUR_TEXT, out);
		row_label(VALUES_PX, m, values, "''", COLOUR_NOTE, out);
		row_label(CHANGES_PX, m, c->words, "strong", sense_colours[c->sense], out);
		row_label(SENSES_PX, m, sense_words[c->sense], "''", sense_colours[c->sense], out);
		free(values);
	}
	ratios(p, out);
}

static void percentiles(const struct picture *p, struct buf *out)
{
	struct area a = {PERCENTILES_LEFT_PX, RIGHT_PX, METRICS_TOP_PX, METRICS_BOTTOM_PX};
	const struct curve curves[] = {{p->baseline, 0, INFINITY, COLOUR_BASELINE, "baseline"},
				       {p->run, 0, INFINITY, COLOUR_OK, "run"}};
	script_label(out, PERCENTILES_LEFT_PX, a.top - 18, "latency by percentile, ms", "left font strong tc rgb " COLOUR_TEXT "");
	script_label(out, (a.left + a.right) / 2, a.bottom + 38, "dotted where fewer than 10 are slower",
		     "center font small tc rgb " COLOUR_NOTE "");
	buf_addf(out, "set key at screen %.5f, screen %.5f right bottom vertical Right samplen 2 noenhanced textcolor rgb " COLOUR_TEXT "\n",
		 a.right / CANVAS_W_PX, 1 - (a.bottom - 8) / CANVAS_H_PX);
	script_area(out, &a);
	percentile_curves(out, curves, ARRAY_LEN(curves));
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

/* When the first fault was injected; NaN without one. */
static double first_fault_s(const struct marks *m)
{
	double first = HUGE_VAL;
	for (size_t i = 0; i < m->bar_count; i++)
		first = fmin(first, bar_start_s(&m->bars[i]));
	return first < HUGE_VAL ? first : (double)NAN;
}

/* Both runs over time: from their first faults, if both had one. */
static void curves(const struct picture *p, struct buf *out)
{
	struct area a = {CURVES_LEFT_PX, RIGHT_PX, CURVES_TOP_PX, CURVES_BOTTOM_PX};
	double zero[2] = {first_fault_s(p->baseline_marks), first_fault_s(p->marks)};
	bool aligned = !isnan(zero[0]) && !isnan(zero[1]);
	zero[0] = aligned ? zero[0] : 0;
	zero[1] = aligned ? zero[1] : 0;
	double top = axis_top(rate_top(p->run, rate_top(p->baseline, 0)));
	data_rates(out, "baseline", p->baseline);
	data_rates(out, "run", p->run);
	script_label(out, CURVES_LEFT_PX, a.top - 18, "successes per second", "left font strong tc rgb " COLOUR_TEXT "");
	script_label(out, (a.left + a.right) / 2, a.bottom + 36,
		     aligned ? "seconds from the first fault of each run" : "seconds from the start of each run",
		     "center tc rgb " COLOUR_TEXT "");
	picture_footer(p, CURVES_LEFT_PX, out);
	script_area(out, &a);
	if (aligned)
		buf_addstr(out, "set arrow from 0, graph 0 to 0, graph 1 nohead lw 1.2 lc rgb " COLOUR_FAULT " back\n");
	else
		lanes_shade(out, p->marks, series_end_s(p->run), NULL);
	axis_x(out, -fmax(zero[0], zero[1]), fmax(fmax(series_end_s(p->run) - zero[1], series_end_s(p->baseline) - zero[0]), 1), true);
	buf_addf(out,
		 "set key at screen %.5f, screen %.5f right center horizontal Right samplen 2 noenhanced textcolor rgb " COLOUR_TEXT "\n"
		 "set yrange [0:%.9g]; set ytics autofreq nomirror scale 0 format '%s'\nplot -1 notitle",
		 (double)RIGHT_PX / CANVAS_W_PX, 1 - (a.top - 18) / CANVAS_H_PX, top, axis_format(top));
	const struct series *const all[] = {p->baseline, p->run};
	for (size_t i = 0; i < 2; i++) {
		if (!all[i]->count)
			continue;
		buf_addf(out, ", $%s using ($1-%.6g):3 with steps lw 2.2 lc rgb %s title ", i ? "run" : "baseline", zero[i],
			 i ? COLOUR_OK : COLOUR_BASELINE);
		char *cut = text_shorten(i ? p->run_name : p->baseline_name, KEY_NAME_MAX);
		script_quote(out, cut);
		free(cut);
	}
	buf_addstr(out, "\nunset label; unset arrow\n");
}

/* Two lines a metric: its bars to one scale, its values, its change. */
static void dumb_metric(enum metric m, const struct picture *p, size_t row, struct buf *out)
{
	static const char bar[] = "==================================";
	const struct change *c = &p->changes[m];
	int beside = (int)p->canvas.columns - DUMB_TEXT;
	int room = beside < 0 ? 0 : beside < (int)strlen(bar) ? beside : (int)strlen(bar);
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
		page_label(out, p->canvas.columns, 0, row + i, lines[i]);
		free(lines[i]);
	}
	page_label(out, p->canvas.columns, (size_t)room + 30, row + 1, change);
	free(change);
}

static void dumb_page(const struct picture *p, struct buf *out)
{
	enum { FIRST = 3, CURVES = FIRST + 2 * METRIC_COUNT + 1 };
	char *base = text_shorten(p->baseline_name, p->canvas.columns / 2 - 6);
	char *run = text_shorten(p->run_name, p->canvas.columns / 2 - 6);
	char *names = mem_printf("b = %s   r = %s", base, run);
	page_label(out, p->canvas.columns, 0, 0, p->title ? p->title : "");
	page_label(out, p->canvas.columns, 0, 1, names);
	free(names);
	free(base);
	free(run);
	for (enum metric m = 0; m < METRIC_COUNT; m++)
		dumb_metric(m, p, FIRST + 2 * (size_t)m, out);
	page_label(out, p->canvas.columns, 8, CURVES,
		   "successes per second:  b baseline   r run   (x: seconds)");
	double end_s = common_end_s(p);
	struct log_range unused = {0};
	double top = fmax(dumb_data(out, p->canvas.columns, "baseline", p->baseline, end_s, &unused),
			  dumb_data(out, p->canvas.columns, "run", p->run, end_s, &unused));
	dumb_area(out, p->canvas.columns, CURVES + 1, PAGE_ROWS - 2);
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
	script_begin(out, "compare", &p->canvas);
	if (p->canvas.terminal == TERMINAL_DUMB) {
		dumb_page(p, out);
	} else {
		picture_title(p, out);
		const char *const lines[] = {p->subtitle, p->baseline_subtitle, p->notes};
		for (size_t i = 0; i < ARRAY_LEN(lines); i++)
			script_label(out, 24, SUBTITLE_PX - (p->title ? 0 : TITLE_PX) + LINE_PX * (double)i, lines[i],
				     "left tc rgb " COLOUR_NOTE "");
		metrics(p, out);
		percentiles(p, out);
		curves(p, out);
	}
	script_end(out, p->canvas.output);
}

const struct picture_kind compare_picture = {
	.name = "compare",
	.compares = true,
	.footer = "above: after the warm-up, latency of successes from the {due} to the end of "
		  "the answer; below: successes by completion",
	.draw = draw,
};
