/* The throughput picture in letters, for terminals and logs. */
#ifndef PLOT_DUMB_H
#define PLOT_DUMB_H

#include "picture.h"

void dumb_throughput(const struct picture *p, struct buf *out);

/* Sets the plot area of the next plot, in rows and columns of the page. */
void dumb_area(struct buf *out, double left, double right, double top, double bottom);

#endif
