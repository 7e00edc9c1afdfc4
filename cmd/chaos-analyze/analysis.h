/* The analysis of a run, alone or against a baseline run. */
#ifndef ANALYZE_ANALYSIS_H
#define ANALYZE_ANALYSIS_H

#include "faults.h"
#include "run.h"
#include "stat/detect.h"
#include "stat/summary.h"

struct analysis_params {
	struct detect_params detect;
	const char *const *fault_at; /* faults that no event tells of; see fault_at_parse */
	size_t fault_at_count;
	int64_t timeout_ns; /* where the load summary does not tell it */
};

struct analysis {
	const struct analysis_params *params;
	const struct run *run, *baseline_run; /* baseline_run is NULL if there is none */
	int64_t timeout_ns, baseline_timeout_ns;
	size_t run_from, baseline_from; /* the first windows after the warm-ups */
	struct summary summary, baseline_summary;
	struct baseline baseline;
	double rate_ratio; /* planned rate of the run / of the baseline; 1 if either is unknown */
	struct detection detection;
	struct faults faults;
	size_t normal_from, normal_to; /* windows that tell what is normal, of the run or the baseline run */
	bool normal_own;     /* they are all of the run that is judged */
	bool whole_run;	     /* the baseline had to be taken from all of the run, faults included */
	bool censored;	     /* a recovery never came: recovery_s is a lower bound */
	double recovery_s;   /* NaN: nothing could be judged that would tell */
};

/* The runs and params must outlive a. */
void analyze(struct analysis *a, const struct run *run, const struct run *baseline,
	     const struct analysis_params *p);
void analysis_release(struct analysis *a);

/* 100 * (1 - throughput / that of the baseline at the run's rate); NaN without a baseline. */
double analysis_throughput_drop_pct(const struct analysis *a);

/* Of the requests, of the judged seconds, and against the plan; NaN if unknown. */
struct availability {
	double request, time, yield;
};
struct availability analysis_availability(const struct analysis *a);

/* The fault that an interval is the effect of, or NULL. */
const struct fault *analysis_fault_of(const struct analysis *a, const struct interval *i);

#endif
