/* Latencies, of which the windows tell counts: over time as a heat map, and by percentile. */
#ifndef PLOT_DRAW_LATENCY_H
#define PLOT_DRAW_LATENCY_H

#include "draw/axes.h"

/* Adds all latencies to the range; false if there is none. One of 0 lies at the lower edge. */
bool latency_range(const struct series *s, struct log_range *r);

/* Appends the data block of a heat map over a range that log_range_set has set, and, to plots, the element
 * of a plot command, with a comma behind it; nothing if no window tells counts. */
void heat_map(struct buf *out, const char *name, const struct series *s, double end_s, const struct log_range *r,
	      struct buf *plots);

/* A curve over the percentiles: the latencies of windows that start in [from_s, to_s). */
struct curve {
	const struct series *of;
	double from_s, to_s;
	const char *colour, *title;
};

/* Draws the curves as the next plot, on an axis of 1/(1 − p): beyond where fewer than ten samples are
 * slower they are dotted. Curves without samples are left out. */
void percentile_curves(struct buf *out, const struct curve *all, size_t count);

#endif
