/* The throughput picture in letters, for terminals and logs. */
#ifndef PLOT_DRAW_DUMB_H
#define PLOT_DRAW_DUMB_H

#include "draw/picture.h"

void dumb_throughput(const struct picture *p, struct buf *out);

/* Appends a data block of the series resampled to the columns of the page: t, and per second due,
 * ok, errors, then p50 and p99 in ms. Adds the latencies to range; returns the highest rate. */
struct log_range;
double dumb_data(struct buf *out, const char *name, const struct series *s, double end_s,
		 struct log_range *range);

/* Sets the plot area of the next plot, in rows and columns of the page. */
void dumb_area(struct buf *out, double left, double right, double top, double bottom);

#endif
