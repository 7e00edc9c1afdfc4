/* Reliability of an analysis. */
#ifndef ANALYZE_ANALYSIS_SENSITIVITY_H
#define ANALYZE_ANALYSIS_SENSITIVITY_H

#include "judge/analysis/analysis.h"

struct sensitivity {
	double shortest_outage_s; /* shortest total outage that is always detected; NaN if unknown */
	/* approximate bound on the share of healthy runs with a false alarm; NaN if unknown */
	double false_alarm_bound;
	/* that bound is above 0.1, and no anomaly has far more evidence than needed */
	bool may_be_chance;
	bool baseline_short;	  /* the baseline has fewer than 20 windows */
	bool baseline_unstable;	  /* the baseline varies by more than 15 % over 16 windows */
	bool generator_unsound;	  /* the load summary says that the generator was the limit */
	bool baseline_unsound;	  /* the same for a baseline run */
	bool baseline_unhealthy;  /* the baseline exceeds the error threshold */
	bool no_failures;	  /* the rows do not tell what failed */
	bool no_unanswered;	  /* they lack requests without an answer */
	bool no_end;		  /* they do not tell when an answer ended */
	bool closed_loop;	  /* the load dropped when successes did */
	bool waited;		  /* it did, or may have by its kind */
};

struct sensitivity sensitivity_of(const struct analysis *a);

/* What could not be judged, and why: a run in which it changed would look the same. */
struct not_judged {
	const char *what; /* "throughput", "latency"; a failure needs no baseline */
	char reason[160];
};
enum { NOT_JUDGED_MAX = 2 };
size_t not_judged_of(const struct analysis *a, struct not_judged out[NOT_JUDGED_MAX]);

/* True if the detector or a threshold leaves the latencies that there are unjudged. */
bool latency_is_left_out(const struct analysis *a);

/* The run, or a baseline run, of which too many rows could not be read; NULL if there is none. */
const struct run_data *sensitivity_much_unread(const struct analysis *a);
/* The same of the lines of its events. */
const struct run_data *sensitivity_events_unread(const struct analysis *a);
/* Rows of the run and its baselines that contradict an earlier one of their slot. */
uint64_t sensitivity_contradictory(const struct analysis *a);

#endif
