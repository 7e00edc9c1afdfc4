/* gnuplot's language, as far as the pictures need it. All text that is not ours goes
 * through script_quote: gnuplot runs commands found in backticks of
 * double-quoted strings, and expands nothing in single-quoted ones. */
#ifndef PLOT_DRAW_SCRIPT_H
#define PLOT_DRAW_SCRIPT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum terminal { TERMINAL_PNG, TERMINAL_SVG, TERMINAL_PDF, TERMINAL_DUMB };

enum {
	CANVAS_W_PX = 1200,
	CANVAS_H_PX = 800,
	TITLE_MAX = 82, /* columns of the bold title that fit the canvas */
	TITLE_SMALL_MAX = 98, /* of the font large */
};

/* Colours are variables of gnuplot's, which script_begin sets for light or dark: all by Okabe and Ito or greys,
 * told apart by all common kinds of colour vision. */
#define COLOUR_PAPER	    "c_paper"
#define COLOUR_TEXT	    "c_ink"
#define COLOUR_NOTE	    "c_note"
#define COLOUR_AXIS	    "c_axis"
#define COLOUR_GRID	    "c_grid"
#define COLOUR_OK	    "c_ok"
#define COLOUR_AFTER	    "c_after"
#define COLOUR_ERROR	    "c_error1"
#define COLOUR_ERROR_2	    "c_error2"
#define COLOUR_ERROR_3	    "c_error3"
#define COLOUR_ERROR_4	    "c_error4"
#define COLOUR_ERROR_5	    "c_error5"
#define COLOUR_P50	    "c_median"
#define COLOUR_P99	    "c_tail"
#define COLOUR_OFFERED	    "c_offered"
#define COLOUR_NORMAL	    "c_normal"
#define COLOUR_BASELINE	    "c_baseline"
#define COLOUR_ANOMALY	    "c_anomaly"
#define COLOUR_ANOMALY_EDGE "c_anomaly_edge"
#define COLOUR_FAULT	    "c_fault"
#define COLOUR_FAULT_PALE   "c_fault_pale"
#define COLOUR_UNMEASURED   "c_unmeasured"
#define COLOUR_WARMUP	    "c_warmup"
#define COLOUR_LOST	    "c_lost"

/* What is drawn on. */
struct canvas {
	enum terminal terminal;
	size_t columns;	    /* of a page in letters */
	int width_px, height_px; /* of the others: all in it is scaled */
	bool dark;
	const char *output; /* the file that gnuplot is to write, or NULL for its stdout */
};

/* Appends text as a gnuplot string expression: control characters as blanks, bytes that are
 * not UTF-8 as '?'. */
void script_quote(struct buf *out, const char *text);

/* The beginning of every script: what it is, terminal, output, colours. */
void script_begin(struct buf *out, const char *what, const struct canvas *c);
void script_end(struct buf *out, const char *output);

/* Puts '?' for characters of a whole script that few fonts have: cairo, which draws PNG and PDF, covers the picture
 * with the sign for one that is missing. */
void script_for_fonts(struct buf *script, enum terminal terminal);

/* A label on the whole canvas at (x, y) in pixels from its top left corner. style: gnuplot words
 * such as "right font bold". */
void script_label(struct buf *out, double x, double y, const char *text, const char *style);

/* The plot area of the next plot, in pixels from the top left corner. */
struct area {
	double left, right, top, bottom;
};
void script_area(struct buf *out, const struct area *a);

/* The same on a page in letters, in columns and rows. Text is cut to the page. */
enum { PAGE_ROWS = 30, PAGE_COLUMNS = 100, PAGE_COLUMNS_MIN = 40, PAGE_COLUMNS_MAX = 240 };
void page_label(struct buf *out, size_t columns, size_t x, size_t y, const char *text);
void page_area(struct buf *out, size_t columns, const struct area *a);

#endif
