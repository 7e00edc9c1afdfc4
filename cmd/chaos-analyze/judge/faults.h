/* The faults of a run and their effects. */
#ifndef ANALYZE_JUDGE_FAULTS_H
#define ANALYZE_JUDGE_FAULTS_H

#include "input/run.h"
#include "detect/detect.h"

/* Times: UNIX s, NaN if it did not happen. Strings are borrowed from the events. */
struct fault {
	const char *uid, *action, *node, *url;
	double requested, injected, revert_requested, reverted;
	bool revert_failed;
	/* Effects. _s: seconds since second 0 of the run, or a duration; NaN if there was none. */
	/* time of the injection, or of the request if it was never confirmed */
	double at_s;
	double first_error_s;	 /* first failed request due after at_s */
	double blackout_s;	 /* longest gap between successes that ended after at_s */
	double first_success_s;	 /* first success after the revert */
	double lost;		 /* missing successes until the recovery */
	double outage_equiv_s;	 /* lost as seconds of baseline throughput; NaN if unknown */
	/* 1 - the lowest ratio of successes to expected ones; NaN if unknown */
	double depth;
	struct recovery after;
	double end_s;		 /* end of the run */
	double window_s;	 /* length of a window, the unit of after */
	bool judged;		 /* a window between injection and recovery or revert was judged */
	double silent_s;	 /* when the first silence after it became certain */
	size_t alarm;		 /* window at whose end the alarm was raised, if affected */
	struct fault *nodes;	 /* effects per node; owned */
	size_t node_count;
	const char *of_node;	 /* in an entry of nodes: the URL as in the rows */
};

struct faults {
	struct fault *all; /* by time; owned */
	size_t count;
};

void faults_find(struct faults *f, const struct event_log *log);

/* Parses AT, AT..UNTIL or AT-UNTIL: seconds of the injection and the revert. -1 with EXIT_USAGE. */
int fault_at_parse(const char *text, double *at_s, double *until_s, struct err *e);
/* Adds faults given by such texts, which must be valid, for runs without events. */
void faults_add_at(struct faults *f, const char *const *texts, size_t count, double t0_s);
void faults_release(struct faults *f);

/* Fills at_s; t0_s: UNIX time of second 0. */
void faults_place(struct faults *f, double t0_s);
/* The window of the earliest fault from second 0 on; otherwise if there is none before that
 * window. */
size_t faults_first(const struct faults *f, double window_s, size_t otherwise);

/* Fills the effects from the run and its detection. */
void faults_follow(struct faults *f, const struct run *r, const struct detection *d,
		   double normal_per_s, size_t healthy_windows);

/* Adds the effects on one node, whose name is as in the rows; its: its part of the run. */
void faults_follow_node(struct faults *f, const char *node, const struct run *its,
			const struct detection *d, double normal_per_s, size_t healthy_windows);

/* Missing successes in the windows [from, to). Without a known plan a load generator may have
 * slowed down with the system, so at least the expected successes count as due. */
double successes_lost(const struct run *r, const struct detection *d, size_t from, size_t to);

/* Seconds from injection to recovery; 0 if the fault had no effect; a lower bound if censored;
 * NaN if no window was judged in which an effect could show (the fault lies in the warm-up). */
double fault_recovery_s(const struct fault *f);

/* The same for one kind of trouble in f->after; NaN also if it was not over at the end. */
double fault_trouble_s(const struct fault *f, const struct trouble *t);

#endif
