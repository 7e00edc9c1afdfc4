/* The throughput picture in letters, for terminals and logs. */
#ifndef PLOT_DRAW_DUMB_H
#define PLOT_DRAW_DUMB_H

#include "draw/picture.h"

void dumb_throughput(const struct picture *p, struct buf *out);

/* Appends a data block of the series resampled to the columns of the page: t, and per second due,
 * ok, errors, then p50 and p99 in ms. Adds the latencies to range; returns the highest rate. */
struct log_range;
double dumb_data(struct buf *out, size_t columns, const char *name, const struct series *s, double end_s,
		 struct log_range *range);

/* Sets the rows of the next plot, between its y axis and the right edge. */
void dumb_area(struct buf *out, size_t columns, size_t top, size_t bottom);

#endif
