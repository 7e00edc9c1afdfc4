/* The faults of a run and their effects. */
#ifndef ANALYZE_FAULTS_FAULTS_H
#define ANALYZE_FAULTS_FAULTS_H

#include "input/run.h"
#include "detect/detect.h"

#include <math.h>

enum {
	FAULT_PARTS = 32, /* nodes, and ops, with figures of their own */
	FAULT_SLOWEST = 5,
};

/* Which requests: those that overlap this fault alone (from requested to reverted), those due after
 * it until the recovery, those that overlap another fault too. */
enum share { SHARE_OWN, SHARE_AFTER, SHARE_SHARED, SHARE_COUNT };

struct tally {
	uint64_t due, err, slow;
};

struct judged_fault;
struct fault_parts {
	struct judged_fault *all; /* owned */
	size_t count;
	struct judged_fault *numbered[FAULT_PARTS]; /* by the number of the node or op; or NULL */
};

/* Times: UNIX s, NaN if it did not happen. Strings are borrowed from the events. */
struct judged_fault {
	const char *uid, *action, *node, *url;
	const char *past, *effect, *ends; /* NULL: the events do not say */
	double healed_s; /* NaN: it has not healed itself */
	double requested, injected, revert_requested, reverted;
	int64_t line; /* of the command to chaos-fault; 0: unknown */
	bool revert_failed;
	bool verified; /* its effect was seen from outside */
	bool was_up;   /* and its node was still running */
	bool node_down; /* its node had ended by it */
	bool by_other; /* somebody else ended it, which is no healing of its target */
	bool ends_with_target;
	/* Effects. _s: seconds since second 0 of the run, or a duration; NaN if there was none. */
	/* time of the injection, or of the request if it was never confirmed */
	double at_s;
	double first_error_s;	 /* when the first of its requests failed */
	double blackout_s;	 /* longest gap between successes that ended after the fault began */
	double read_blackout_s, write_blackout_s; /* the same of what reads and writes on Redis; NaN if not both are sent */
	double read_error_rate;	 /* of reads on Redis from its beginning to where it was followed; NaN likewise */
	double followed_s;	 /* up to where its effects were followed */
	double next_s;		 /* start of the next fault; NaN: none */
	double first_success_s;	 /* first success after the revert */
	double lost;		 /* requests: failures of the fault and after it, and those never sent */
	double missing;		 /* of lost, the requests never sent */
	double normal_per_s;	 /* successes; NaN if unknown */
	double outage_equiv_s;	 /* lost as seconds of baseline throughput; NaN if unknown */
	/* 1 - the lowest ratio of successes to expected ones; NaN if unknown */
	double depth;
	struct recovery after;
	double end_s;		 /* end of the run */
	double window_s;	 /* length of a window, the unit of after */
	bool judged;		 /* a window between injection and recovery or revert was judged */
	const char *unjudged;	 /* why it was not, beyond that; or NULL; static */
	bool unseen;		 /* not recovered when its load ended, before it was lifted */
	double silent_s;	 /* when the first silence after it became certain */
	size_t alarm;		 /* window at whose end the alarm was raised, if affected */
	unsigned reasons;	 /* of its anomalous windows */
	bool counted;		 /* shares and slowest are known */
	struct tally shares[SHARE_COUNT];
	const struct record *slowest[FAULT_SLOWEST]; /* successes that overlap it */
	struct fault_parts nodes, ops;
	const char *of_part;	 /* in an entry of these: the URL or op as in the rows */
};

struct faults {
	struct judged_fault *all; /* by time; owned */
	size_t count;
	struct tally shared; /* requests that overlap more than one */
	bool anyway; /* judged whatever was before them */
	const char *unsteady; /* why nothing can be said of any of them; or NULL; static */
};

/* UNIX time from which its requests count; NaN if nothing is known. */
double fault_start(const struct judged_fault *f);
/* The same in seconds of the run, where at_s is known: it may act long before that is confirmed. */
static inline double fault_begins_s(const struct judged_fault *f)
{
	return f->at_s - fmax(0, f->injected - f->requested); /* fmax ignores NaN */
}

void faults_find(struct faults *f, const struct event_log *log);

/* Parses AT, AT..UNTIL or AT-UNTIL: seconds of the injection and the revert. -1 with EXIT_USAGE. */
int fault_at_parse(const char *text, double *at_s, double *until_s, struct err *e);
/* Adds faults given by such texts, which must be valid, for runs without events. */
void faults_add_at(struct faults *f, const char *const *texts, size_t count, double t0_s);
void faults_release(struct faults *f);

/* Fills at_s; t0_s: UNIX time of second 0. */
void faults_place(struct faults *f, double t0_s);
/* The window in which the earliest fault began of those from second 0 on; otherwise if there is none before
 * that window. */
size_t faults_first(const struct faults *f, double window_s, size_t otherwise);

/* Fills unsteady: more than half of the requests failed that had ended before the first fault and
 * were due from window from on, or if there are none, in any window before it. */
void faults_find_unsteady(struct faults *f, const struct run_data *r, size_t from);

/* The start, in seconds of the run, of the first fault that began after x did, or after x was
 * reverted; NaN if there is none. */
double fault_next(const struct faults *f, const struct judged_fault *x, double t0_s, bool reverted);

/* Fills the effects from the run and its detection. */
void faults_follow(struct faults *f, const struct run_data *r, const struct detection *d,
		   double normal_per_s, size_t healthy_windows);

/* The same for x, one of f or its entry for a node or op; r and d: of that part. */
void fault_follow(struct judged_fault *x, const struct faults *f, const struct run_data *r,
		  const struct detection *d, double normal_per_s, size_t healthy_windows);

/* Successes lost in the windows [from, to): the failures and, without a known plan, the requests
 * that were never sent because the load generator slowed down with the system. */
double successes_lost(const struct run_data *r, const struct detection *d, size_t from, size_t to);

/* More than half of its requests failed, which may be too few for an anomaly. */
bool fault_mostly_failed(const struct judged_fault *f);

/* Seconds from injection to recovery; 0 if the fault had no effect; a lower bound if censored;
 * NaN if no window was judged in which an effect could show (the fault lies in the warm-up). */
double fault_recovery_s(const struct judged_fault *f);

/* The same for one kind of trouble in f->after; NaN also if it was not over at the end. */
double fault_trouble_s(const struct judged_fault *f, const struct trouble *t);

#endif
