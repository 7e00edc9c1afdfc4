/* gnuplot's language, as far as the pictures need it. All text that is not ours goes
 * through script_quote: gnuplot runs commands found in backticks of
 * double-quoted strings, and expands nothing in single-quoted ones. */
#ifndef PLOT_DRAW_SCRIPT_H
#define PLOT_DRAW_SCRIPT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum terminal { TERMINAL_PNG, TERMINAL_SVG, TERMINAL_DUMB };

enum {
	CANVAS_W_PX = 1200,
	CANVAS_H_PX = 800,
	TITLE_MAX = 82, /* columns of the bold title that fit the canvas */
	TITLE_SMALL_MAX = 98, /* of the font large */
};

/* Okabe and Ito's colours, told apart by all common kinds of colour vision, and greys. */
#define COLOUR_OK	    "#0072B2"
#define COLOUR_ERROR	    "#D55E00"
#define COLOUR_P50	    "#222222"
#define COLOUR_P99	    "#9E2A77" /* a darker step of the set's purple: thin lines need it */
#define COLOUR_OFFERED	    "#444444"
#define COLOUR_ANOMALY	    "#FFF1BF"
#define COLOUR_ANOMALY_EDGE "#B8860B"
#define COLOUR_FAULT	    "#4A4A4A"
#define COLOUR_FAULT_PALE   "#BDBDBD"
#define COLOUR_UNMEASURED   "#E4E4E4"
#define COLOUR_WARMUP	    "#F4F4F4"
#define COLOUR_NORMAL	    "#D6E8F5"
#define COLOUR_LOST	    "#FBDCC9"
#define COLOUR_SOUND	    "#EAF4EE"
#define COLOUR_BASELINE	    "#9A9A9A"
#define COLOUR_TEXT	    "#222222"
#define COLOUR_NOTE	    "#666666"

/* Appends text as a gnuplot string expression: control characters as blanks, bytes that are
 * not UTF-8 as '?'. */
void script_quote(struct buf *out, const char *text);

/* The beginning of every script: what it is, terminal, output. columns is the width of a page in
 * letters; output is the file that gnuplot is to write, or NULL for its stdout. */
void script_begin(struct buf *out, const char *what, enum terminal terminal, size_t columns,
		  const char *output);
void script_end(struct buf *out, const char *output);

/* A label on the whole canvas at (x, y) in pixels from its top left corner. style: gnuplot words
 * such as "right font bold". */
void script_label(struct buf *out, double x, double y, const char *text, const char *style);

/* The plot area of the next plot, in pixels from the top left corner. */
struct area {
	double left, right, top, bottom;
};
void script_area(struct buf *out, const struct area *a);

/* The same on a page in letters, in columns and rows. Text is cut to the page. */
enum { PAGE_ROWS = 30, PAGE_COLUMNS = 100, PAGE_COLUMNS_MIN = 72, PAGE_COLUMNS_MAX = 240 };
void page_label(struct buf *out, size_t columns, size_t x, size_t y, const char *text);
void page_area(struct buf *out, size_t columns, const struct area *a);

#endif
