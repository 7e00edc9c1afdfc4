/* What was done to the system, and what followed. */
#ifndef ANALYZE_JUDGE_FAULTS_H
#define ANALYZE_JUDGE_FAULTS_H

#include "input/run.h"
#include "detect/detect.h"

/* Times: UNIX s, NaN if it did not happen. Strings are borrowed from the events. */
struct fault {
	const char *uid, *action, *node, *url;
	double requested, injected, revert_requested, reverted;
	bool revert_failed;
	/* What followed. _s: seconds since second 0 of the run, or a length; NaN if there was none. */
	double at_s;		 /* injected, or requested if it was never confirmed */
	double first_error_s;	 /* the first failed request due from then on */
	double blackout_s;	 /* longest time without a success that began or lasted after it */
	double first_success_s;	 /* the first success after it was reverted */
	double lost;		 /* successes that were due and did not come, until the recovery */
	double outage_equiv_s;	 /* so many seconds of normal successes are as many; NaN if unknown */
	double depth;		 /* 1 - least successes / expected ones; NaN if unknown */
	struct recovery after;
	double end_s;		 /* of the run: the last moment that was seen */
	double window_s;	 /* length of the windows that after counts */
	bool judged;		 /* some second from the fault to its end was judged */
	double silent_s;	 /* when a silence after it was certain, to less than a window */
	size_t alarm;		 /* the window at whose end it was certain, if affected */
	struct fault *nodes;	 /* the same of what each node alone was asked; owned */
	size_t node_count;
	const char *of_node;	 /* in an entry of nodes: the URL, as in the rows */
};

struct faults {
	struct fault *all; /* by time; owned */
	size_t count;
};

void faults_find(struct faults *f, const struct event_log *log);

/* AT or AT..UNTIL (or AT-UNTIL), in seconds of the run: injected, and lifted. -1 with EXIT_USAGE. */
int fault_at_parse(const char *text, double *at_s, double *until_s, struct err *e);
/* Adds faults that are told by such texts (which must have parsed), where there are no events. */
void faults_add_at(struct faults *f, const char *const *texts, size_t count, double t0_s);
void faults_release(struct faults *f);

/* Fills at_s; t0_s: UNIX time of second 0. */
void faults_place(struct faults *f, double t0_s);
/* The window of the earliest fault from second 0 on; otherwise if there is none before that window. */
size_t faults_first(const struct faults *f, double window_s, size_t otherwise);

/* Fills what followed, from the run and its detection. */
void faults_follow(struct faults *f, const struct run *r, const struct detection *d,
		   double normal_per_s, size_t healthy_windows);

/* Follows all of them in what the node of that name (as in the rows) was asked, too. */
void faults_follow_node(struct faults *f, const char *node, const struct run *its,
			const struct detection *d, double normal_per_s, size_t healthy_windows);

/* Successes that were due in windows from (inclusive) to (exclusive) and did not come. Where the plan is
 * not known the load may have slowed down with the system, and what is normal was due as well. */
double successes_lost(const struct run *r, const struct detection *d, size_t from, size_t to);

/* From the injection to the recovery; 0 if nothing followed; a lower bound if censored; NaN if
 * nothing was judged that could have followed (the fault lies in the warm-up). */
double fault_recovery_s(const struct fault *f);

#endif
