/* What a run, or a part of it, comes to: one number for each thing that is asked. */
#ifndef GRID_SUMMARY_H
#define GRID_SUMMARY_H

#include "grid/grid.h"

enum { QUANTILE_COUNT = 3 };
extern const double summary_quantiles[QUANTILE_COUNT]; /* 0.50, 0.95, 0.99 */

struct summary {
	double seconds;		/* of the windows taken */
	double throughput_rps;	/* successes by completion; NaN without a window */
	double error_rate;	/* err / due; NaN if nothing was due */
	double planned_rps;	/* NaN if it is not known */
	uint64_t due, ok, err, lost, completed_ok;
	uint64_t classes[GRID_CLASSES]; /* err by class */
	/* Nearest-rank, ns; -1 if there is none. */
	int64_t latency_ns[QUANTILE_COUNT];	/* of the successes */
	int64_t latency_all_ns[QUANTILE_COUNT]; /* of all, a failure counting as the timeout */
	int64_t max_latency_ns;			/* of the successes */
};

/* Windows of a finished grid, from (inclusive) to (exclusive), without those that were not measured
 * and those for which no request was planned (planned: requests a window, or NULL). */
struct span {
	const struct grid *grid;
	const double *planned;
	size_t from, to;
};

/* One summary of all spans together. */
void summarize_spans(struct summary *s, const struct span *spans, size_t count, int64_t timeout_ns);

/* Of the windows from (inclusive) to the end of the grid. */
void summarize(struct summary *s, const struct grid *g, const double *planned, size_t from,
	       int64_t timeout_ns);

/* Whether a window of a span is one of those. */
bool span_has(const struct span *s, size_t window);

/* The latencies of the successes of all spans, into out (which is emptied first). */
void spans_latency(const struct span *spans, size_t count, struct hist *out);

#endif
