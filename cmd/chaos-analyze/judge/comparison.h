/* The run against its baseline runs, as a whole or in a phase: how much each metric differs, how
 * sure that is, and whether it is worse by more than is tolerated. */
#ifndef ANALYZE_JUDGE_COMPARISON_H
#define ANALYZE_JUDGE_COMPARISON_H

#include "judge/analysis.h"
#include "detect/compare.h"

#include <math.h>

/* The first COMPARED_TESTED are tested, their errors together. The others follow from them or from
 * what was seen: the seconds that were anomalous are a fact of a run. */
enum compared {
	COMPARED_THROUGHPUT,
	COMPARED_P50,
	COMPARED_P95,
	COMPARED_P99,
	COMPARED_ERROR_RATE,
	COMPARED_TESTED,
	COMPARED_P99_ALL = COMPARED_TESTED, /* told, not judged */
	COMPARED_REQUEST,
	COMPARED_TIME,
	COMPARED_YIELD,
	COMPARED_COUNT,
};

/* So much worse is not worse: of the baseline's value, or of the metric itself. */
struct tolerance {
	double value;
	bool relative;
};

/* The defaults. */
void tolerances_init(struct tolerance all[COMPARED_COUNT]);

/* METRIC=VALUE, for one of the metrics that are judged, into all[COMPARED_COUNT]; -1 with EXIT_USAGE. */
int tolerance_parse(const char *text, struct tolerance *all, struct err *e);

struct comparison {
	const char *metric;
	double baseline, run; /* NaN if unknown */
	double scale; /* what the baseline is taken times, because more or fewer were planned */
	struct bounds diff;	      /* of run - scale * baseline; NaN if unknown */
	double tolerance;	      /* in units of the metric; NaN: not judged */
	double delta;		      /* Cliff's; of requests, or of seconds; NaN if unknown */
	double between_sd;	      /* among the baseline runs; NaN for one */
	enum compare_verdict verdict; /* of those that are judged */
	int decimals;
};

/* Windows of a run that are compared. */
struct part {
	const struct run *run;
	const struct detection *detection;
	size_t from, to; /* half-open */
	int64_t timeout_ns;
	bool whole; /* of a baseline run that has no such phase */
};

/* parts[0] is of the run, the others are of the baseline runs. */
struct comparisons {
	struct summary run, baseline;
	struct comparison all[COMPARED_COUNT];
	enum compare_verdict verdict; /* the worst of those that are judged */
};

/* alpha: the error of all tests together. With no baseline run among the parts, only the summary of
 * the run means something. */
void compare_parts(struct comparisons *c, const struct analysis *a, const struct part *parts,
		   size_t count, double alpha);

/* The whole of the runs, without their warm-ups: reference_count + 1 parts. The caller frees. */
struct part *comparison_whole(const struct analysis *a);

#endif
