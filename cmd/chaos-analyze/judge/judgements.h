/* The run against its baselines as a whole and phase by phase. */
#ifndef ANALYZE_JUDGE_JUDGEMENTS_H
#define ANALYZE_JUDGE_JUDGEMENTS_H

#include "judge/phases.h"
#include "stream/json.h"

struct judged_phase {
	const struct phase *phase;
	bool aligned;		   /* every baseline run has that phase */
	struct comparisons result; /* without a baseline, the summary of the run alone */
};

struct judgements {
	bool has_whole; /* there is a baseline */
	struct comparisons whole;
	struct phases phases;
	struct judged_phase *phases_judged; /* owned */
	size_t phase_count;
};

void judgements_make(struct judgements *v, const struct analysis *a);
void judgements_release(struct judgements *v); /* accepts a zeroed one */

/* Of the whole; fail if a phase does that all baseline runs have. A phase may well be too short to
 * be sure of, so an inconclusive one does not count. */
enum compare_verdict judgements_verdict(const struct judgements *v);

/* The metrics that were not passed, "METRIC" or "PHASE: METRIC", into an array: those that failed,
 * or if none did, those that are inconclusive. */
void judgements_reasons(const struct judgements *v, struct json *reasons);

#endif
