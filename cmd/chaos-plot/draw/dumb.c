#include "draw/dumb.h"

#include "report/facts/words.h"
#include "draw/axes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEFT = 8, /* columns of the y axis */
	EDGE = 3, /* columns right of the plot */
	LANES_MAX_DUMB = 5,
	LATENCY_ROWS = 7,
};

/* The page: its width, and the seconds that its x axis spans. */
struct page {
	struct buf *out;
	size_t columns;
	double end_s;
};

void dumb_area(struct buf *out, size_t columns, size_t top, size_t bottom)
{
	page_area(out, columns,
		  &(struct area){LEFT, (double)(columns - EDGE), (double)top, (double)bottom});
}

static void line(const struct page *p, size_t row, size_t column, const char *text)
{
	page_label(p->out, p->columns, column, row, text);
}

static size_t column_of(const struct page *p, double s)
{
	double right = (double)(p->columns - EDGE), c = LEFT + round(s / p->end_s * (right - LEFT));
	return (size_t)(c < LEFT ? LEFT : c > right ? right : c);
}

static void fill(const struct page *p, char *cells, double from_s, double to_s, char with)
{
	size_t from = column_of(p, from_s), to = column_of(p, to_s);
	memset(cells + from, with, to > from ? to - from : 1);
}

/* A bar in characters, with its label on the side that has more room. */
static void bar_line(const struct page *p, const struct bar *b, size_t row)
{
	char cells[PAGE_COLUMNS_MAX + 1];
	double start = bar_start_s(b), end = isnan(bar_end_s(b)) ? p->end_s : bar_end_s(b);
	double from = isnan(b->requested_s) ? start : b->requested_s;
	memset(cells, ' ', sizeof cells);
	fill(p, cells, from, end, '-');
	fill(p, cells, start, isnan(b->revert_requested_s) ? end : b->revert_requested_s, '=');
	size_t first = column_of(p, from), last = column_of(p, end);
	cells[last > first ? last : first + 1] = '\0';
	line(p, row, first, cells + first);
	size_t right = p->columns - last - 2, left = first > 1 ? first - 1 : 0;
	bool on_right = text_columns(b->label) <= right || right >= left;
	char *words = text_shorten(b->label, on_right ? right : left);
	line(p, row, on_right ? last + 1 : first - 1 - text_columns(words), words);
	free(words);
}

static void band_line(const struct page *p, const struct marks *m, size_t row)
{
	static const char signs[] = {[BAND_ANOMALY] = '!', [BAND_UNMEASURED] = '?', [BAND_WARMUP] = '~'};
	char cells[PAGE_COLUMNS_MAX + 1];
	memset(cells, ' ', sizeof cells);
	const struct strip *s = &m->strips[STRIP_ANOMALIES];
	for (size_t i = 0; i < s->count; i++) {
		if (s->bands[i].kind == BAND_ANOMALY)
			memcpy(cells, "anomaly", strlen("anomaly"));
		fill(p, cells, s->bands[i].from_s, s->bands[i].to_s, signs[s->bands[i].kind]);
	}
	cells[p->columns - EDGE + 1] = '\0';
	line(p, row, 0, cells);
}

/* Fills rows from first on; returns the row after them. */
static size_t lanes(const struct page *p, const struct marks *m, size_t first)
{
	size_t bars = m->bar_count > LANES_MAX_DUMB ? LANES_MAX_DUMB - 1 : m->bar_count,
	       row = first;
	for (size_t i = 0; i < bars; i++)
		bar_line(p, &m->bars[i], row++);
	if (m->bar_count > bars) {
		char words[64];
		snprintf(words, sizeof words, "and %zu more faults", m->bar_count - bars);
		line(p, row++, LEFT, words);
	}
	if (m->strips[STRIP_ANOMALIES].count)
		band_line(p, m, row++);
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

static void resample(const struct series *s, double end_s, size_t count, struct cell *cells)
{
	size_t at = 0;
	for (size_t c = 0; c < count; c++) {
		double from = (double)c / (double)count * end_s, to = (double)(c + 1) / (double)count * end_s;
		while (at < s->count && s->seconds[at].start_s + s->seconds[at].length_s <= from)
			at++;
		for (size_t i = at; i < s->count && s->seconds[i].start_s < to; i++)
			cell_add(&cells[c], &s->seconds[i]);
	}
}

double dumb_data(struct buf *out, size_t columns, const char *name, const struct series *s, double end_s,
		 struct log_range *range)
{
	struct cell cells[PAGE_COLUMNS_MAX] = {0};
	size_t count = columns - EDGE - LEFT + 1;
	double top = 0;
	resample(s, end_s, count, cells);
	buf_addf(out, "$%s <<EOD\n", name);
	for (size_t i = 0; i < count; i++) {
		const struct cell *c = &cells[i];
		if (!(c->n > 0))
			continue;
		top = fmax(top, fmax(c->due, c->ok) / c->n);
		log_range_add(range, c->p50 / c->n_latency);
		log_range_add(range, c->p99 / c->n_latency);
		buf_addf(out, "%.6g %.6g %.6g %.6g", (double)i / (double)(count - 1) * end_s,
			 c->due / c->n, c->ok / c->n, c->errors / c->n);
		if (c->n_latency > 0)
			buf_addf(out, " %.6g %.6g\n", c->p50 / c->n_latency, c->p99 / c->n_latency);
		else
			buf_addstr(out, " NaN NaN\n");
	}
	buf_addstr(out, "EOD\n");
	return top;
}

static void rate_panel(const struct page *p, const struct series *s, double top, size_t first, size_t last)
{
	bool unknown = s->count && isnan(s->seconds[0].errors);
	line(p, first, LEFT, unknown ? "requests per second:  . offered   o successes   errors: not known"
				     : "requests per second:  . offered   o successes   # errors");
	dumb_area(p->out, p->columns, first + 1, last);
	buf_addf(p->out,
		 "set border 3; unset key; set xrange [0:%.6f]; set yrange [0:%.9g]\n"
		 "set xtics nomirror scale 0 format ''; set ytics nomirror scale 0\n"
		 "plot $cells using 1:($4 > 0 ? $4 : 1/0) with impulses lt 2, \\\n"
		 "     '' using 1:2 with points pt '.' lt 1, '' using 1:3 with points pt 'o' lt 1\n"
		 "unset label\n",
		 p->end_s, axis_top(top));
}

static void latency_panel(const struct page *p, const struct series *s, struct log_range *range, size_t first, size_t last)
{
	bool any = range->high > 0;
	char *none = mem_printf("%s      (x: seconds)", series_no_latency(s));
	line(p, first, LEFT, any ? "latency of successes, ms, log:  5 p50   9 p99   (x: seconds)" : none);
	free(none);
	dumb_area(p->out, p->columns, first + 1, last);
	log_range_set(range, LOW_PX, p->out);
	buf_addf(p->out, "set xtics format '%%g'\nplot %s\nunset label\n",
		 any ? "$cells using 1:(log10($6)) with points pt '9' lt 1, "
		       "'' using 1:(log10($5)) with points pt '5' lt 1"
		     : "1e-9");
}

/* The title, on two lines if one is too short for it; returns the row after it. */
static size_t title(const struct page *p, const char *text)
{
	size_t cut;
	char *both = text_two_lines(text, p->columns, &cut);
	char *first = mem_printf("%.*s", (int)cut, both);
	bool more = both[cut] != '\0';
	line(p, 0, 0, first);
	if (more)
		line(p, 1, 0, both + cut + (both[cut] == ' '));
	free(first);
	free(both);
	return more ? 2 : 1;
}

void dumb_throughput(const struct picture *picture, struct buf *out)
{
	const struct page p = {out, picture->canvas.columns, series_end_s(picture->run)};
	struct log_range range = {0};
	size_t row = picture->title ? title(&p, picture->title) : 0;
	line(&p, row++, 0, picture->subtitle);
	if (!picture->run->count) {
		line(&p, PAGE_ROWS / 2, p.columns / 2 - 5, "no samples");
		buf_addstr(out, "unset border; unset tics; unset key\n"
				"set xrange [0:1]; set yrange [0:1]\nplot -1 notitle\n");
		return;
	}
	double top = dumb_data(out, p.columns, "cells", picture->run, p.end_s, &range);
	size_t latency = PAGE_ROWS - 2 - LATENCY_ROWS;
	row = lanes(&p, picture->marks, row);
	rate_panel(&p, picture->run, top, row, latency - 1);
	latency_panel(&p, picture->run, &range, latency, PAGE_ROWS - 2);
}
