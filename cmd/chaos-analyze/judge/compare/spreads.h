/* How much a compared metric varies within the runs. */
#ifndef ANALYZE_COMPARE_SPREADS_H
#define ANALYZE_COMPARE_SPREADS_H

#include "judge/compare/comparison.h"
#include "detect/spread.h"

/* Fills out[COMPARED_TESTED] from the windows of all parts that are not anomalous; relative to
 * independent requests. n: noise of the baseline. */
void spreads_find(struct spread *out, const struct part *parts, size_t count, const struct noise *n);

/* Fills decide_s or decide_baselines of an inconclusive comparison with that many baseline runs.
 * worse: bounds of how much worse the run is, at that alpha; within: half of what they are by the
 * variation within the runs alone. */
void spread_plan(struct comparison *x, enum compared metric, const struct spread *s,
		 struct bounds worse, double within, size_t baselines, const struct summary *run,
		 double alpha);

#endif
