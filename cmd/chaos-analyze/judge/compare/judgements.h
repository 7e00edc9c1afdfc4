/* Comparison of the run with its baseline runs, as a whole and phase by phase. */
#ifndef ANALYZE_COMPARE_JUDGEMENTS_H
#define ANALYZE_COMPARE_JUDGEMENTS_H

#include "judge/compare/phases.h"
#include "stream/json.h"

struct judgements {
	bool has_whole; /* there is a baseline */
	struct comparisons whole;
	struct phases phases;
};

void judgements_make(struct judgements *v, const struct analysis *a);
void judgements_release(struct judgements *v); /* accepts a zeroed one */

/* Verdict of the whole run; fail also if a phase that all baseline runs have fails. An
 * inconclusive phase does not count: phases are often too short for a decision. */
enum compare_verdict judgements_verdict(const struct judgements *v);

/* Appends "METRIC" or "PHASE: METRIC" for each failed metric, or if none failed, for each
 * inconclusive one. */
void judgements_reasons(const struct judgements *v, struct json *reasons);

#endif
