/* What a run, or a part of it, comes to: one number for each thing that is asked. */
#ifndef STAT_SUMMARY_H
#define STAT_SUMMARY_H

#include "stat/compare.h"
#include "stat/grid.h"

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

/* Windows from (inclusive) to the end of the grid, without those that were not measured and those
 * for which no request was planned (planned: requests a window, or NULL). */
void summarize(struct summary *s, const struct grid *g, const double *planned, size_t from,
	       int64_t timeout_ns);

/* In which each quantile of the successes' latencies lies, ns, for the same windows. */
void summary_bounds(const struct grid *g, const double *planned, size_t from, double dispersion,
		    double z, struct bounds out[QUANTILE_COUNT]);

#endif
