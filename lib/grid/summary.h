/* Summary figures of a run or of parts of it. */
#ifndef GRID_SUMMARY_H
#define GRID_SUMMARY_H

#include "grid/grid.h"

enum { QUANTILE_COUNT = 3 };
extern const double summary_quantiles[QUANTILE_COUNT]; /* 0.50, 0.95, 0.99 */

struct summary {
	double seconds;		/* of the windows included */
	double throughput_rps;	/* successes by completion; NaN without a window */
	bool no_failures;	/* some rows do not tell what failed: err is none */
	bool no_unanswered;	/* requests without an answer are missing: err is a lower bound */
	double error_rate;	/* err / due; NaN if nothing was due, or that is not known */
	double planned_rps;	/* NaN if unknown */
	uint64_t due, ok, err, lost, completed_ok;
	uint64_t classes[GRID_CLASSES]; /* err by class */
	/* Nearest-rank, ns; -1 if there is none. */
	int64_t latency_ns[QUANTILE_COUNT];	/* of the successes */
	/* of all requests; a failure counts as the timeout; -1 also if that is unknown */
	int64_t latency_all_ns[QUANTILE_COUNT];
	int64_t max_latency_ns;			/* of the successes */
};

/* The windows [from, to) of a finished grid, without unmeasured ones and those with no request
 * planned. planned: requests planned for each window, or NULL. */
struct span {
	const struct grid *grid;
	const double *planned;
	size_t from, to;
};

/* One summary of all spans together; timeout_ns 0: unknown. */
void summarize_spans(struct summary *s, const struct span *spans, size_t count, int64_t timeout_ns);

/* The windows from from to the end of the grid. */
void summarize(struct summary *s, const struct grid *g, const double *planned, size_t from,
	       int64_t timeout_ns);

/* What the rows lack of the failures, in words; NULL: nothing. */
const char *summary_lacks(const struct summary *s);

/* Sets the latencies: h has those of ok, as far as they are known, and gets the failures too; timeout_ns 0: unknown. */
void summary_latencies(struct summary *s, struct hist *h, int64_t timeout_ns);

/* Sets error_rate. */
void summary_rate(struct summary *s);

/* True if the span includes the window. */
bool span_has(const struct span *s, size_t window);

/* Latencies of the successes of all spans; empties out first. */
void spans_latency(const struct span *spans, size_t count, struct hist *out);

#endif
