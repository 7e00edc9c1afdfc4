/* What was done to the system, and what followed. */
#ifndef ANALYZE_FAULTS_H
#define ANALYZE_FAULTS_H

#include "run.h"
#include "stat/detect.h"

/* Times: UNIX s, NaN if it did not happen. Strings are borrowed from the events. */
struct fault {
	const char *uid, *action, *node, *url;
	double requested, injected, revert_requested, reverted;
	bool revert_failed;
	/* What followed. _s: seconds since second 0 of the run, or a length; NaN if there was none. */
	double at_s;		 /* injected, or requested if it was never confirmed */
	double first_error_s;	 /* the first failed request due from then on */
	double blackout_s;	 /* longest time without a success that began or lasted after it */
	double lost;		 /* successes that were due and did not come, until the recovery */
	struct recovery after;
	double end_s;		 /* of the run: the last moment that was seen */
	bool judged;		 /* some second from the fault to its end was judged */
	size_t alarm;		 /* the window at whose end it was certain, if affected */
};

struct faults {
	struct fault *all; /* by time; owned */
	size_t count;
};

void faults_find(struct faults *f, const struct event_log *log);
void faults_release(struct faults *f);

/* Fills what followed, from the run and its detection. */
void faults_follow(struct faults *f, const struct run *r, const struct detection *d,
		   size_t healthy_windows);

/* From the injection to the recovery; 0 if nothing followed; a lower bound if censored; NaN if
 * nothing was judged that could have followed (the fault lies in the warm-up). */
double fault_recovery_s(const struct fault *f);

#endif
