/* The pictures: each turns what is known of a run into a gnuplot script. */
#ifndef PLOT_PICTURES_PICTURE_H
#define PLOT_PICTURES_PICTURE_H

#include "pictures/change.h"
#include "draw/script.h"
#include "input/series.h"

struct picture {
	enum terminal terminal;
	const char *output; /* file for gnuplot to write, or NULL for its stdout */
	const char *title;  /* the finding in words */
	const char *subtitle, *footer;
	const char *baseline_subtitle, *notes; /* below it, only for compare; "" for no notes */
	const char *run_name, *baseline_name;
	const struct series *run, *baseline; /* baseline only for compare */
	struct change changes[METRIC_COUNT]; /* only for compare */
	const struct marks *marks;
};

void throughput_draw(const struct picture *p, struct buf *out);
void compare_draw(const struct picture *p, struct buf *out);

#endif
