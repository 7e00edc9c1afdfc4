/* The lanes above the curves: a row for each fault, one for the anomalies. */
#ifndef PLOT_DRAW_LANES_H
#define PLOT_DRAW_LANES_H

#include "draw/script.h"
#include "input/series.h"

enum { LANES_MAX = 12 };

/* Rows that the marks take; 0 if there is nothing to show. */
size_t lanes_rows(const struct marks *m);

/* Height of this number of rows, in pixels. */
double lanes_height_px(size_t rows);

/* Draws the lanes into the area; the x axis runs from 0 to end_s. */
void lanes_draw(struct buf *out, const struct marks *m, const struct area *area, double end_s);

/* Sets the start and end lines of the faults for the next plot, and behind them the shades of the bands. */
void lanes_shade(struct buf *out, const struct marks *m, double end_s, const struct strip *shaded);

#endif
