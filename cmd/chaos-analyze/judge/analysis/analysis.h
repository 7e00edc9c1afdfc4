/* The analysis of a run, alone or against a baseline run. */
#ifndef ANALYZE_ANALYSIS_ANALYSIS_H
#define ANALYZE_ANALYSIS_ANALYSIS_H

#include "judge/impact/faults.h"
#include "input/run.h"
#include "detect/detect.h"
#include "grid/summary.h"

struct tolerance;

struct analysis_params {
	struct detect_params detect;
	const struct tolerance *tolerances; /* indexed by enum compared; see comparison.h */
	bool slo_given; /* not the default */
	bool unsteady;	/* faults are judged whatever was before them */
	double slo; /* service level objective: share of requests that must succeed, below 1 */
	const char *const *fault_at; /* faults without events; see fault_at_parse */
	size_t fault_at_count;
	int64_t timeout_ns; /* of the config; used if neither load summary nor rows tell it; 0: none */
};

/* The run, or a baseline run, judged against the baseline. */
struct judged {
	const struct run_data *run;
	int64_t timeout_ns;
	size_t from; /* the first window after the warm-up */
	struct summary summary;
	struct detection detection;
	struct faults faults;
	/* The longest recovery of all faults; without faults, from the first anomalous second. NaN: too
	 * little was judged. */
	double recovery_s;
	bool censored; /* no recovery was seen: recovery_s is a lower bound */
};

struct analysis {
	const struct analysis_params *params;
	struct judged own;
	struct judged *references; /* owned; in the order they were given */
	size_t reference_count;
	size_t middle; /* the reference with the median throughput, which gives the baseline */
	struct summary baseline_summary; /* of all baseline runs together */
	struct baseline baseline;
	double rate_ratio; /* planned rate of the run / of the baseline; 1 if either is unknown */
	/* windows of the run or the baseline run that give the baseline */
	size_t normal_from, normal_to;
	bool normal_own;     /* they are the whole run that is judged */
	/* the baseline includes the faults: nothing before them could be used */
	bool whole_run;
};

/* The runs and params must outlive a. */
void analyze(struct analysis *a, const struct run_data *run, const struct run_data *baselines,
	     size_t baseline_count, const struct analysis_params *p);
void analysis_release(struct analysis *a);

/* 100 * (1 - throughput / baseline throughput scaled to the run's planned rate); NaN without a
 * baseline run. */
double analysis_throughput_drop_pct(const struct analysis *a);

/* Fills recovery_s and censored from the faults and the detection of j. */
void analysis_find_recovery(struct judged *j, size_t healthy_windows);

/* The baseline run that gives the baseline; NULL without baseline runs. */
const struct judged *analysis_reference(const struct analysis *a);

struct availability {
	/* Availability by requests, by judged seconds, and successes / planned requests; NaN if
	 * unknown. */
	double request, time, yield;
	double yield_of_normal; /* successes / baseline successes in the same time */
	double outage_equiv_s; /* successes lost in anomalies, as seconds of baseline throughput */
	double budget_burned;  /* share of the error budget of 30 days */
	double burn_rate;      /* rate of budget consumption during this run; 1: as budgeted */
};
struct availability analysis_availability(const struct analysis *a, const struct judged *of);

/* The fault that an anomalous interval is attributed to, or NULL. */
const struct judged_fault *analysis_fault_of(const struct analysis *a, const struct interval *i);

#endif
