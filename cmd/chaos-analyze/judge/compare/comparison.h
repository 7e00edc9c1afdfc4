/* Comparison of the run with its baseline runs, as a whole or by phase: difference and confidence
 * interval of each metric, and whether it is worse than tolerated. */
#ifndef ANALYZE_COMPARE_COMPARISON_H
#define ANALYZE_COMPARE_COMPARISON_H

#include "judge/analysis/analysis.h"
#include "detect/compare.h"

#include <math.h>

/* The first COMPARED_TESTED are tested with a common family-wise error. The others derive from
 * them or are observed directly, as the anomalous seconds are. */
enum compared {
	COMPARED_THROUGHPUT,
	COMPARED_P50,
	COMPARED_P95,
	COMPARED_P99,
	COMPARED_ERROR_RATE,
	COMPARED_TESTED,
	COMPARED_P99_ALL = COMPARED_TESTED, /* reported, not judged */
	COMPARED_REQUEST,
	COMPARED_TIME,
	COMPARED_YIELD,
	COMPARED_COUNT,
};

/* Tolerated worsening: relative to the baseline's value, or absolute. */
struct tolerance {
	double value;
	bool relative;
};

/* The defaults. */
void tolerances_init(struct tolerance all[COMPARED_COUNT]);

/* METRIC=VALUE, for one of the metrics that are judged, into all[COMPARED_COUNT]; -1 with
 * EXIT_USAGE. */
int tolerance_parse(const char *text, struct tolerance *all, struct err *e);

enum { COMPARE_BASELINES_MANY = 30 }; /* more than anybody makes */

struct comparison {
	const char *metric;
	double baseline, run; /* NaN if unknown */
	double scale; /* factor applied to the baseline: planned rate of the run / of the baseline */
	struct bounds diff;	      /* of run - scale * baseline; NaN if unknown */
	double tolerance;	      /* in the unit of the metric; NaN: not judged */
	/* Cliff's delta over requests or over seconds; NaN if unknown */
	double delta;
	/* standard deviation among the baseline runs; NaN for one run */
	double between_sd;
	enum compare_verdict verdict; /* meaningless if tolerance is NaN */
	/* If inconclusive: length of both runs, or number of baseline runs, that would decide if the
	 * difference stays the same; 0: unknown. */
	double decide_s;
	double learn_s; /* such runs would tell how long its level lasts, these do not; 0: unknown */
	size_t decide_baselines;
	bool undecidable; /* by fewer than COMPARE_BASELINES_MANY of them, or by runs of a known length */
	bool differs;	  /* undecidable: varies among the runs by more than within them, however long */
	bool looks_worse; /* if inconclusive: the difference as it is exceeds the tolerance */
	int decimals;
};

/* Part of a run, in windows, that is compared. */
struct part {
	const struct judged *of;
	size_t from, to; /* half-open */
};

/* parts[0] is of the run, the others are of the baseline runs. */
struct comparisons {
	struct summary run, baseline;
	struct comparison all[COMPARED_COUNT];
	enum compare_verdict verdict; /* the worst of the judged metrics */
};

/* alpha: family-wise error of all tests. Without a baseline run among the parts, only the summary
 * of the run is meaningful. */
void compare_parts(struct comparisons *c, const struct analysis *a, const struct part *parts,
		   size_t count, double alpha);

/* The whole runs without their warm-ups: reference_count + 1 parts. The caller frees. */
struct part *comparison_whole(const struct analysis *a);

#endif
