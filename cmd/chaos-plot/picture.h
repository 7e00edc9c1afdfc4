/* The pictures: each turns what is known of a run into a gnuplot script. */
#ifndef PLOT_PICTURE_H
#define PLOT_PICTURE_H

#include "script.h"
#include "series.h"

/* Percentiles are of successes in ms, rates are 0-1; NaN if unknown. */
struct figures {
	double throughput_rps, p50_ms, p95_ms, p99_ms, error_rate;
	double offered_rps;
};

struct picture {
	enum terminal terminal;
	const char *output; /* file for gnuplot to write, or NULL for its stdout */
	const char *title;  /* the finding in words */
	const char *subtitle, *footer;
	const char *run_name, *baseline_name;
	const struct series *run, *baseline; /* baseline only for compare */
	struct figures run_figures, baseline_figures;
	const struct marks *marks;
};

void throughput_draw(const struct picture *p, struct buf *out);
void compare_draw(const struct picture *p, struct buf *out);

#endif
