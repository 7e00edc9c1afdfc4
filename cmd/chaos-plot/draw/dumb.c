#include "draw/dumb.h"

#include "report/words.h"
#include "draw/axes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEFT = 8, /* columns of the y axis and of the right edge */
	RIGHT = 97,
	COLUMNS = RIGHT - LEFT + 1,
	LANES_MAX_DUMB = 5,
	LATENCY_ROWS = 7,
};

void dumb_area(struct buf *out, double left, double right, double top, double bottom)
{
	buf_addf(out,
		 "set lmargin at screen %.5f; set rmargin at screen %.5f\n"
		 "set tmargin at screen %.5f; set bmargin at screen %.5f\n",
		 left / (DUMB_COLUMNS - 1), right / (DUMB_COLUMNS - 1), 1 - top / (DUMB_ROWS - 1),
		 1 - bottom / (DUMB_ROWS - 1));
}

static void line(struct buf *out, size_t row, size_t column, const char *text)
{
	char *cut = text_shorten(text, DUMB_COLUMNS - column);
	script_label(out, TERMINAL_DUMB, (double)column, (double)row, cut, "left");
	free(cut);
}

static size_t column_of(double s, double end_s)
{
	double c = LEFT + round(s / end_s * (RIGHT - LEFT));
	return (size_t)(c < LEFT ? LEFT : c > RIGHT ? RIGHT : c);
}

static void fill(char *cells, double from_s, double to_s, double end_s, char with)
{
	size_t from = column_of(from_s, end_s), to = column_of(to_s, end_s);
	memset(cells + from, with, to > from ? to - from : 1);
}

/* A bar in characters, with its label on the side that has more room. */
static void bar_line(const struct bar *b, double end_s, size_t row, struct buf *out)
{
	char cells[DUMB_COLUMNS + 1];
	double start = bar_start_s(b), end = bar_end_s(b);
	double from = isnan(b->requested_s) ? start : b->requested_s;
	memset(cells, ' ', DUMB_COLUMNS);
	fill(cells, from, isnan(end) ? end_s : end, end_s, '-');
	fill(cells, start,
	     isnan(b->revert_requested_s) ? isnan(end) ? end_s : end : b->revert_requested_s, end_s,
	     '=');
	size_t first = column_of(from, end_s), last = column_of(isnan(end) ? end_s : end, end_s);
	cells[last > first ? last : first + 1] = '\0';
	line(out, row, first, cells + first);
	size_t right = DUMB_COLUMNS - last - 2, left = first > 1 ? first - 1 : 0;
	bool on_right = text_columns(b->label) <= right || right >= left;
	char *words = text_shorten(b->label, on_right ? right : left);
	line(out, row, on_right ? last + 1 : first - 1 - text_columns(words), words);
	free(words);
}

static void band_line(const struct marks *m, double end_s, size_t row, struct buf *out)
{
	char cells[DUMB_COLUMNS + 1];
	memset(cells, ' ', DUMB_COLUMNS);
	for (size_t i = 0; i < m->band_count; i++)
		if (m->bands[i].kind == BAND_ANOMALY)
			memcpy(cells, "anomaly", strlen("anomaly"));
	for (size_t i = 0; i < m->band_count; i++)
		fill(cells, m->bands[i].from_s, m->bands[i].to_s, end_s,
		     m->bands[i].kind == BAND_ANOMALY  ? '!'
		     : m->bands[i].kind == BAND_WARMUP ? '~'
						       : '?');
	cells[RIGHT + 1] = '\0';
	line(out, row, 0, cells);
}

/* Fills rows from first on; returns the row after them. */
static size_t lanes(const struct marks *m, double end_s, size_t first, struct buf *out)
{
	size_t bars = m->bar_count > LANES_MAX_DUMB ? LANES_MAX_DUMB - 1 : m->bar_count,
	       row = first;
	for (size_t i = 0; i < bars; i++)
		bar_line(&m->bars[i], end_s, row++, out);
	if (m->bar_count > bars) {
		char words[64];
		snprintf(words, sizeof words, "and %zu more faults", m->bar_count - bars);
		line(out, row++, LEFT, words);
	}
	if (m->band_count)
		band_line(m, end_s, row++, out);
	return row;
}

/* Means of the seconds that one column of the page covers. */
struct cell {
	double due, ok, errors, p50, p99;
	double n, n_latency;
};

static void cell_add(struct cell *c, const struct second *x)
{
	double len = x->length_s > 0 ? x->length_s : 1;
	if (x->unmeasured)
		return;
	c->due += x->due / len;
	c->ok += x->ok / len;
	c->errors += x->errors / len;
	c->n++;
	if (isnan(x->p50_ms))
		return;
	c->p50 += x->p50_ms;
	c->p99 += x->p99_ms;
	c->n_latency++;
}

static void resample(const struct series *s, double end_s, struct cell cells[static COLUMNS])
{
	size_t at = 0;
	for (size_t c = 0; c < COLUMNS; c++) {
		double from = (double)c / COLUMNS * end_s, to = (double)(c + 1) / COLUMNS * end_s;
		while (at < s->count && s->seconds[at].start_s + s->seconds[at].length_s <= from)
			at++;
		for (size_t i = at; i < s->count && s->seconds[i].start_s < to; i++)
			cell_add(&cells[c], &s->seconds[i]);
	}
}

double dumb_data(struct buf *out, const char *name, const struct series *s, double end_s,
		 struct log_range *range)
{
	struct cell cells[COLUMNS] = {0};
	double top = 0;
	resample(s, end_s, cells);
	buf_addf(out, "$%s <<EOD\n", name);
	for (size_t i = 0; i < COLUMNS; i++) {
		const struct cell *c = &cells[i];
		if (!(c->n > 0))
			continue;
		top = fmax(top, fmax(c->due, c->ok) / c->n);
		log_range_add(range, c->p50 / c->n_latency);
		log_range_add(range, c->p99 / c->n_latency);
		buf_addf(out, "%.6g %.6g %.6g %.6g", (double)i / (COLUMNS - 1) * end_s,
			 c->due / c->n, c->ok / c->n, c->errors / c->n);
		if (c->n_latency > 0)
			buf_addf(out, " %.6g %.6g\n", c->p50 / c->n_latency, c->p99 / c->n_latency);
		else
			buf_addstr(out, " NaN NaN\n");
	}
	buf_addstr(out, "EOD\n");
	return top;
}

static void rate_panel(double end_s, double top, size_t first, size_t last, struct buf *out)
{
	line(out, first, LEFT, "requests per second:  . offered   o successes   # errors");
	dumb_area(out, LEFT, RIGHT, (double)first + 1, (double)last);
	buf_addf(out,
		 "set border 3; unset key; set xrange [0:%.6f]; set yrange [0:%.9g]\n"
		 "set xtics nomirror scale 0 format ''; set ytics nomirror scale 0\n"
		 "plot $cells using 1:($4 > 0 ? $4 : 1/0) with impulses lt 2, \\\n"
		 "     '' using 1:2 with points pt '.' lt 1, '' using 1:3 with points pt 'o' lt 1\n"
		 "unset label\n",
		 end_s, axis_top(top));
}

static void latency_panel(struct log_range *range, size_t first, size_t last, struct buf *out)
{
	bool any = range->high > 0;
	line(out, first, LEFT,
	     any ? "latency of successes, ms, log scale:  5 p50   9 p99      (x: seconds)"
		 : "no successes      (x: seconds)");
	dumb_area(out, LEFT, RIGHT, (double)first + 1, (double)last);
	log_range_set(range, out);
	buf_addf(out, "set xtics format '%%g'\nplot %s\nunset label; unset logscale\n",
		 any ? "$cells using 1:6 with points pt '9' lt 1, "
		       "'' using 1:5 with points pt '5' lt 1"
		     : "1e-9");
}

void dumb_throughput(const struct picture *p, struct buf *out)
{
	double end_s = series_end_s(p->run);
	struct log_range range = {0};
	line(out, 0, 0, p->title);
	line(out, 1, 0, p->subtitle);
	if (!p->run->count) {
		line(out, DUMB_ROWS / 2, DUMB_COLUMNS / 2 - 5, "no samples");
		buf_addstr(out, "unset border; unset tics; unset key\n"
				"set xrange [0:1]; set yrange [0:1]\nplot -1 notitle\n");
		return;
	}
	double top = dumb_data(out, "cells", p->run, end_s, &range);
	size_t row = lanes(p->marks, end_s, 2, out);
	size_t latency = DUMB_ROWS - 2 - LATENCY_ROWS;
	rate_panel(end_s, top, row, latency - 1, out);
	latency_panel(&range, latency, DUMB_ROWS - 2, out);
}
