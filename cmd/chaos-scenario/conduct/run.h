/* One run, from bringing the nodes up to the findings: an event loop with stages. */
#ifndef SCENARIO_CONDUCT_RUN_H
#define SCENARIO_CONDUCT_RUN_H

#include "children/child.h"
#include "after/findings.h"
#include "after/leftovers.h"
#include "options.h"
#include "prepare/node_lock.h"
#include "prepare/steps/plan.h"
#include "children/progress.h"
#include "prepare/rundir.h"
#include "children/tally.h"
#include "children/heard.h"

#include "base/clock.h"
#include "stream/event.h"
#include "sys/loop.h"

enum stage {
	STAGE_BRING_UP, /* the fault session starts the nodes that are not running */
	STAGE_RUN,	/* load and faults by the plan */
	STAGE_DRAIN,	/* the plan is over; the last requests are in flight */
	STAGE_AUDIT,	/* faults are lifted, then the marks of an audited load are read back */
	STAGE_PUT_BACK, /* load ends, faults are lifted, what was brought up goes down */
	STAGE_FINDINGS, /* analysis, pictures, report */
	STAGE_DONE,
};

/* One load of the plan, at the same place in its list. */
struct run_load {
	struct child child;
	int samples_fd;
	struct tally tally;
	int64_t heard_by_ns; /* monotonic: what it has been answered by then decides; 0: not known yet */
	double rate;	  /* offered, as planned */
	bool judged;	  /* as steady or not */
	bool placed;	  /* it comes from other places, by chaos-spread */
};

struct run {
	/* Borrowed from main. */
	const struct options *opts;
	const struct config *config;
	struct plan *plan;

	struct rundir dir;
	struct anchor anchor; /* of the wall clock; the children use the same */
	int events_fd;
	int node_locks[NODE_LOCKS]; /* held while they are open; -1: none */
	struct event_sink events;

	struct loop *loop;
	struct loop_timer *step_timer, *tick;
	struct loop_signal *signals[4];

	enum stage stage;
	int64_t deadline_ns; /* monotonic: of the stage */
	int64_t t0_ns;	     /* monotonic: slot 0 of the load; 0 before */
	size_t placed_count; /* loads that come from other places */
	bool placed_started;
	bool loads_told; /* twice to end */
	size_t next_step, next_fault; /* of the plan's steps; the fault that is to be sent */
	int64_t open_ns;     /* after slot 0: the loads know the rates up to there, the end of a phase that may
				end earlier; INT64_MAX: all of them */

	struct child fault, audit;
	struct run_load *loads; /* load_count of the plan; owned */
	struct leftovers leftovers; /* of a session that was killed */
	struct heard heard;
	struct progress progress;
	struct findings findings;
	struct load_watch *watches; /* one a load; owned */
	struct check_state *checks; /* as those of the scenario; owned */
	int64_t checks_due_ns; /* monotonic: when they are looked at again */

	int code;	/* the worst so far */
	int signo;	/* the signal that ended the run, or 0 */
	char why[512];	/* the first reason why the run failed, or "" */
	bool refused;	/* the session refused to begin: the run's folder is removed */
	bool steady;	/* no longer to be judged: something has been broken, or --unsteady */
	bool unsteady;	/* most requests failed before anything was broken: there is nothing to analyse */
	bool leave;	/* a second signal: what was measured is not analysed */
	bool fault_told; /* it has had SIGTERM; SIGKILL comes next */
};

/* Makes the run's folder with its manifest, and the loop. */
int run_open(struct run *r, int argc, char **argv, struct err *e);
/* Runs to the end and sets r->code, and r->signo to the signal to die by, if any. */
void run_go(struct run *r);
void run_close(struct run *r); /* accepts one that run_open failed on */

/* start_children.c */
int start_fault(struct run *r, struct err *e);
int start_placed(struct run *r, struct err *e); /* the loads of other places, which wait for their start */
int start_loads(struct run *r, struct err *e); /* the others, and slot 0 of all; sets t0_ns and open_ns */
/* The events by which chaos-load tells of itself, for a load of other places: its rate by a STEP_RATE; its end. */
int tell_placed_rate(struct run *r, const struct step *s, struct err *e);
int tell_placed_end(struct run *r, size_t load, bool planned, struct err *e);
int send_schedules(struct run *r, struct err *e); /* the rates up to open_ns that are not sent yet */

#endif
