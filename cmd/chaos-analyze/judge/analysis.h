/* The analysis of a run, alone or against a baseline run. */
#ifndef ANALYZE_JUDGE_ANALYSIS_H
#define ANALYZE_JUDGE_ANALYSIS_H

#include "judge/faults.h"
#include "input/run.h"
#include "detect/detect.h"
#include "grid/summary.h"

struct tolerance;

struct analysis_params {
	struct detect_params detect;
	const struct tolerance *tolerances; /* one for each enum compared; see comparison.h */
	double slo; /* the share of requests that are to succeed, below 1 */
	const char *const *fault_at; /* faults that no event tells of; see fault_at_parse */
	size_t fault_at_count;
	int64_t timeout_ns; /* where the load summary does not tell it */
};

/* How it ended: the longest recovery over the faults; without faults, from the first anomalous second. */
struct outcome {
	bool censored;	   /* it never came: recovery_s is a lower bound */
	double recovery_s; /* NaN: nothing could be judged that would tell */
};

/* A baseline run, judged by the same normal as the run. */
struct reference {
	const struct run *run;
	int64_t timeout_ns;
	size_t from; /* the first window after the warm-up */
	struct summary summary;
	struct detection detection;
	struct faults faults;
	struct outcome outcome;
};

struct analysis {
	const struct analysis_params *params;
	const struct run *run;
	struct reference *references; /* owned; in the order they were given */
	size_t reference_count;
	size_t middle; /* the reference with the median throughput: what is normal is taken from it */
	int64_t timeout_ns;
	size_t run_from; /* the first window after the warm-up */
	struct summary summary;
	struct summary baseline_summary; /* of all baseline runs together */
	struct baseline baseline;
	double rate_ratio; /* planned rate of the run / of the baseline; 1 if either is unknown */
	struct detection detection;
	struct faults faults;
	size_t normal_from, normal_to; /* windows that tell what is normal, of the run or the baseline run */
	bool normal_own;     /* they are all of the run that is judged */
	bool whole_run;	     /* the baseline had to be taken from all of the run, faults included */
	struct outcome outcome;
};

/* The runs and params must outlive a. */
void analyze(struct analysis *a, const struct run *run, const struct run *baselines,
	     size_t baseline_count, const struct analysis_params *p);
void analysis_release(struct analysis *a);

/* 100 * (1 - throughput / that of the baseline at the run's rate); NaN without a baseline. */
double analysis_throughput_drop_pct(const struct analysis *a);

/* The baseline run that tells what is normal; NULL if there is none. */
const struct reference *analysis_reference(const struct analysis *a);

struct availability {
	/* Of the requests, of the judged seconds, and against the plan; NaN if unknown. */
	double request, time, yield;
	double yield_of_normal; /* successes against the normal ones of as much time */
	double outage_equiv_s; /* so many seconds of normal successes were lost in anomalies */
	double budget_burned;  /* share of the errors that the objective allows in 30 days */
	double burn_rate;      /* how many times faster than allowed, over this run */
};
struct availability analysis_availability(const struct analysis *a);
struct availability analysis_availability_of(const struct analysis *a, const struct reference *r);

/* The fault that an interval is the effect of, or NULL. */
const struct fault *analysis_fault_of(const struct analysis *a, const struct interval *i);

#endif
