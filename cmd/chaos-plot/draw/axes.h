/* Axes and inline data that several pictures share. */
#ifndef PLOT_DRAW_AXES_H
#define PLOT_DRAW_AXES_H

#include "draw/script.h"
#include "input/series.h"

/* Upper end of an axis from zero, a little above max; 1 if max is not above 0. */
double axis_top(double max);

const char *axis_format(double top); /* of the tics up to there: 20 k, never 2e+04 */

/* Range of a log axis: what is drawn on it is the logarithm, so that images can be. */
struct log_range {
	double low, high; /* 0 while nothing was added */
};
void log_range_add(struct log_range *r, double v); /* ignores NaN and values not above 0 */
enum { LOW_PX = 130 }; /* of panels that have few tics */
/* Sets yrange and its tics (1, 2, 5, 10, …, or decades if there are many, or little room), and r to what they span. */
void log_range_set(struct log_range *r, double height_px, struct buf *out);

/* The classes of errors that are drawn each by itself, the most frequent first. */
enum { LAYERS_MAX = 4 };
struct layers {
	enum error_class of[LAYERS_MAX];
	size_t count;
	bool more; /* there are others */
};
struct layers error_layers(const struct series *s);
const char *layer_name(enum error_class c); /* as the windows have it */

/* Append data blocks. Step curves need a point at their end; gaps are blank lines. */
void data_rates(struct buf *out, const char *name,
		const struct series *s); /* t due ok errors, per s; errors without those of each layer before */
void data_due(struct buf *out, const char *name, const struct series *s); /* t due, at both ends of each step: for what is filled */
/* The rows of data_rates in stretches of errors of at most most_s; false if there is none. */
bool data_narrow(struct buf *out, const char *name, const struct series *s, double most_s);
void data_trust(struct buf *out, const char *name, const struct series *s); /* t, in flight, ms late */
void data_latency(struct buf *out, const char *name, const struct series *s); /* t p50 p99, ms */

/* Grid, border and the x axis in seconds; labels only if labelled. */
/* A linear axis from 0 up, with few tics where it is low. */
void axis_y(struct buf *out, double top, double height_px);
void axis_x(struct buf *out, double from_s, double end_s, bool labelled);

#endif
