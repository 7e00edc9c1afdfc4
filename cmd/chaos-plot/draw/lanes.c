#include "draw/lanes.h"

#include "report/facts/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROW_PX = 24,
	TIGHT_ROW_PX = 17,
	ROOMY_ROWS = 6, /* more rows than this are drawn closer together */
	PAD_PX = 6,	/* between a bar and its label */
	LABEL_MAX = 60,
	LINES_DARK = 3, /* more lines than that would hide the curves */
};

/* Average width of a character of the fonts that script_begin sets. */
static const double char_px = 7.8, small_char_px = 6.4;

/* Maps seconds to pixels and rows to heights. */
struct frame {
	struct buf *out;
	const struct area *area;
	double end_s, px_per_s;
	size_t rows;
	double text_px; /* width of a character */
	const char *font;
};

static bool any_band(const struct strip *s, enum band_kind kind)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->bands[i].kind == kind)
			return true;
	return false;
}

/* How bands are filled, and their edges; NULL: none. */
static const struct {
	const char *fill, *edge;
} band_colours[] = {
	[BAND_ANOMALY] = {COLOUR_ANOMALY, COLOUR_ANOMALY_EDGE},
	[BAND_UNMEASURED] = {COLOUR_UNMEASURED, COLOUR_FAULT_PALE},
	[BAND_WARMUP] = {COLOUR_WARMUP, COLOUR_FAULT_PALE},
	[BAND_LOST] = {COLOUR_LOST, COLOUR_ERROR},
	[BAND_LIMIT] = {COLOUR_FAULT_PALE, NULL},
};

static size_t shown_bars(const struct marks *m)
{
	return m->bar_count > LANES_MAX ? LANES_MAX : m->bar_count;
}

size_t lanes_rows(const struct marks *m)
{
	size_t rows = shown_bars(m) + (m->bar_count > LANES_MAX);
	for (size_t i = 0; i < STRIP_GENERATOR; i++)
		rows += m->strips[i].count > 0;
	return rows;
}

double lanes_height_px(size_t rows)
{
	return (double)rows * (rows > ROOMY_ROWS ? TIGHT_ROW_PX : ROW_PX);
}

static void rect(const struct frame *f, double row, double from_s, double to_s, double height,
		 const char *colour, const char *border, const char *fill)
{
	double y = (double)f->rows - row - 0.5;
	buf_addf(f->out,
		 "set object rect from %.6f, %.3f to %.6f, %.3f fc rgb %s fs %s %s%s front\n",
		 from_s, y - height / 2, to_s, y + height / 2, colour, fill,
		 border ? "border lc rgb " : "noborder", border ? border : "");
}

static void text(const struct frame *f, double row, double px, const char *words, const char *side,
		 const char *colour)
{
	double height = (f->area->bottom - f->area->top) / (double)f->rows;
	double y = f->area->top + (row + 0.5) * height;
	char style[128];
	snprintf(style, sizeof style, "%s font %s front tc rgb %s", side, f->font, colour);
	script_label(f->out, px, y, words, style);
}

static double clamp(double v, double lo, double hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* Writes words into the bar from..to (pixels) unless inside_colour is NULL, else right of it up to next, else left of it down to
 * before. Returns where they end, 0 if they fit nowhere. */
static double place(const struct frame *f, double row, const double bar[static 2], double before, double next,
		    const char *words, const char *inside_colour)
{
	double need = (double)text_columns(words) * f->text_px + 2 * PAD_PX;
	bool inside = inside_colour && bar[1] - bar[0] >= need;
	if (inside)
		text(f, row, bar[0] + PAD_PX, words, "left", inside_colour);
	else if (next - bar[1] >= need)
		text(f, row, bar[1] + PAD_PX, words, "left", COLOUR_TEXT);
	else if (bar[0] - before >= need)
		text(f, row, bar[0] - PAD_PX, words, "right", COLOUR_TEXT);
	else
		return 0;
	return !inside && next - bar[1] >= need ? bar[1] + need : bar[1];
}

static double px_of(const struct frame *f, double s)
{
	return f->area->left + clamp(s, 0, f->end_s) * f->px_per_s;
}

static void draw_bar(const struct frame *f, const struct bar *b, double row)
{
	double start = bar_start_s(b), end = bar_end_s(b);
	double from = clamp(isnan(b->requested_s) ? start : b->requested_s, 0, f->end_s);
	bool open = isnan(end);
	double to = clamp(open ? f->end_s : end, from, f->end_s);
	if (to - from < 4 / f->px_per_s)
		to = from + 4 / f->px_per_s; /* visible even if very short */
	double on = clamp(start, from, to);
	double off = isnan(b->revert_requested_s) ? to : clamp(b->revert_requested_s, on, to);
	rect(f, row, from, to, 0.72, COLOUR_FAULT, COLOUR_FAULT, "pattern 4");
	rect(f, row, on, off, 0.72, COLOUR_FAULT, NULL, "solid 1");
	char *words = open || isnan(b->injected_s)
			      ? mem_printf("%s%s", b->label, open ? ", not undone" : "")
			      : mem_printf("%s, %.1f s", b->label, end - start);
	double dark[2] = {px_of(f, on), px_of(f, off)}, whole[2] = {px_of(f, from), px_of(f, to)};
	double left = f->area->left, right = f->area->right;
	double widest = fmax(whole[1] - whole[0], fmax(right - whole[1], whole[0] - left)) - 2 * PAD_PX;
	size_t most = (size_t)fmax(fmin(widest / f->text_px, LABEL_MAX), 3);
	char *cut = text_shorten(open || text_columns(words) <= most ? words : b->label, most); /* rather no time than half of one */
	if (place(f, row, dark, INFINITY, 0, cut, COLOUR_PAPER) <= 0)
		place(f, row, whole, left, right, cut, NULL); /* not on hatching */
	free(cut);
	free(words);
}

/* Whole seconds without decimals, others with one. */
static void span_words(const struct band *b, char *out, size_t size)
{
	bool whole =
		fabs(b->from_s - round(b->from_s)) < 0.05 && fabs(b->to_s - round(b->to_s)) < 0.05;
	if (b->kind == BAND_LOST) {
		snprintf(out, size, "%s", b->words); /* where it is, is seen */
		return;
	}
	const char *what = b->kind == BAND_UNMEASURED ? "not measured" : b->words;
	snprintf(out, size, whole ? "%.0f–%.0f s%s%s" : "%.1f–%.1f s%s%s", b->from_s, b->to_s,
		 *what ? ": " : "", what);
}

/* The longest text that fits into a band or beside it: times with words, words, or their first
 * clause, at last without its "up to"; a band without room goes without. Returns the end of what was written. */
static double label_band(const struct frame *f, const struct band *b, double row, const double bar[static 2],
			 double before, double next)
{
	char words[4][128];
	span_words(b, words[0], sizeof words[0]);
	const char *clause[2] = {strstr(words[0], ", "), strstr(b->words, ", ")};
	snprintf(words[1], sizeof words[1], "%.*s", clause[0] ? (int)(clause[0] - words[0]) : (int)sizeof words[1], words[0]);
	snprintf(words[2], sizeof words[2], "%s", b->words);
	snprintf(words[3], sizeof words[3], "%.*s", clause[1] ? (int)(clause[1] - b->words) : (int)sizeof words[3], b->words);
	for (size_t i = 0; i <= ARRAY_LEN(words); i++) {
		const char *one = i < ARRAY_LEN(words) ? words[i] : words[3] + (strncmp(words[3], "up to ", 6) == 0 ? 6 : 0);
		double end = *one ? place(f, row, bar, before, next, one, COLOUR_TEXT) : 0;
		if (end > 0)
			return end;
	}
	return bar[1];
}

static void draw_bands(const struct frame *f, const struct strip *s, double row)
{
	double before = f->area->left;
	for (size_t i = 0; i < s->count; i++) {
		const struct band *b = &s->bands[i];
		bool last = i + 1 == s->count;
		double from = clamp(b->from_s, 0, f->end_s), to = clamp(b->to_s, from, f->end_s);
		const double bar[2] = {px_of(f, from), px_of(f, to)};
		rect(f, row, from, to, 0.72, band_colours[b->kind].fill, band_colours[b->kind].edge, "solid 1");
		before = label_band(f, b, row, bar, before, last ? f->area->right : px_of(f, s->bands[i + 1].from_s));
	}
}

static void draw_strips(const struct frame *f, const struct marks *m, double row)
{
	for (enum strip_kind i = 0; i < STRIP_GENERATOR; i++) {
		const struct strip *s = &m->strips[i];
		if (!s->count)
			continue;
		draw_bands(f, s, row);
		text(f, row++, f->area->left - PAD_PX, i == STRIP_LOST		       ? "writes"
			: any_band(s, BAND_ANOMALY)    ? "anomaly"
			: any_band(s, BAND_UNMEASURED) ? "gaps"
						       : "",
		     "right", COLOUR_NOTE);
	}
}

void lanes_draw(struct buf *out, const struct marks *m, const struct area *area, double end_s)
{
	size_t bars = shown_bars(m);
	struct frame f = {.out = out,
			  .area = area,
			  .end_s = end_s,
			  .px_per_s = (area->right - area->left) / end_s,
			  .rows = lanes_rows(m)};
	bool tight = f.rows > ROOMY_ROWS;
	f.text_px = tight ? small_char_px : char_px;
	f.font = tight ? "small" : "''";
	double row = 0;
	for (size_t i = 0; i < bars; i++, row++)
		draw_bar(&f, &m->bars[i], row);
	if (bars)
		text(&f, 0, area->left - PAD_PX, bars > 1 ? "faults" : "fault", "right",
		     COLOUR_NOTE);
	if (m->bar_count > bars) {
		char words[64];
		snprintf(words, sizeof words, "and %zu more", m->bar_count - bars);
		text(&f, row++, area->left + PAD_PX, words, "left", COLOUR_NOTE);
	}
	draw_strips(&f, m, row);
	script_area(out, area);
	buf_addf(out,
		 "unset border; unset xtics; unset ytics; unset key\n"
		 "set xrange [0:%.6f]; set yrange [0:%zu]\n"
		 "plot -1 notitle\n"
		 "unset object; unset label\n",
		 end_s, f.rows);
}

void lanes_shade(struct buf *out, const struct marks *m, double end_s, const struct strip *s)
{
	for (size_t i = 0; s && i < s->count; i++) {
		const struct band *b = &s->bands[i];
		buf_addf(out,
			 "set object rect from %.6f, graph 0 to %.6f, graph 1 fc rgb %s fs solid "
			 "1 "
			 "noborder behind\n",
			 clamp(b->from_s, 0, end_s), clamp(b->to_s, 0, end_s),
			 band_colours[b->kind].fill);
	}
	const char *colour = m->bar_count > LINES_DARK ? COLOUR_FAULT_PALE : COLOUR_FAULT;
	for (size_t i = 0; i < m->bar_count; i++) {
		const double at[] = {bar_start_s(&m->bars[i]), bar_end_s(&m->bars[i])};
		for (size_t k = 0; k < 2; k++)
			if (at[k] >= 0 && at[k] <= end_s)
				buf_addf(out,
					 /* SVG takes the dashes only with another width. */
					 "set arrow from %.6f, graph 0 to %.6f, graph 1 nohead %s lc rgb %s back\n",
					 at[k], at[k], k ? "lw 1.4 dt 2" : "lw 1.2 dt 1", colour);
	}
}
