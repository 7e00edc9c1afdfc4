/* One run, from bringing the nodes up to the findings: an event loop that walks through stages. */
#ifndef SCENARIO_CONDUCT_RUN_H
#define SCENARIO_CONDUCT_RUN_H

#include "children/child.h"
#include "after/findings.h"
#include "after/leftovers.h"
#include "options.h"
#include "prepare/plan.h"
#include "children/progress.h"
#include "prepare/rundir.h"
#include "children/tally.h"
#include "children/reported.h"

#include "base/clock.h"
#include "stream/event.h"
#include "sys/loop.h"

enum stage {
	STAGE_BRING_UP, /* the fault session starts the nodes that are not running */
	STAGE_RUN,	/* load and faults by the plan */
	STAGE_DRAIN,	/* the plan is over; the last requests are in flight */
	STAGE_PUT_BACK, /* load ends, faults are lifted, what was brought up goes down */
	STAGE_FINDINGS, /* analysis, pictures, report */
	STAGE_DONE,
};

struct run {
	/* Borrowed from main. */
	const struct options *opts;
	const struct config *config;
	const struct plan *plan;
	uint64_t seed;

	struct rundir dir;
	struct anchor anchor; /* children get the same, so that all clocks agree */
	int events_fd, samples_fd;
	int node_lock_fd; /* the nodes are ours while it is open */
	struct event_sink events;

	struct loop *loop;
	struct loop_timer *step_timer, *tick;
	struct loop_signal *signals[4];

	enum stage stage;
	int64_t deadline_ns; /* monotonic: when the stage has lasted too long */
	int64_t t0_ns;	     /* monotonic: slot 0 of the load; 0 before */
	size_t next_step;

	struct child fault, load;
	struct leftovers leftovers; /* of a session that was killed */
	struct reported reported;
	struct tally tally;
	struct progress progress;
	struct findings findings;

	int code;	/* the worst so far */
	int signo;	/* the signal that ended the run, or 0 */
	char why[512];	/* what ended it before its time, or "" */
	bool refused;	/* nothing was touched, after all: the folder goes again */
	bool fault_told; /* to end, by SIGTERM; the next time it is killed */
};

/* Makes the folder with all that is known before, and what the loop needs. */
int run_open(struct run *r, int argc, char **argv, struct err *e);
/* Runs to the end. The exit code is in r->code; r->signo, if not 0, is what to die by. */
void run_go(struct run *r);
void run_close(struct run *r); /* accepts one that run_open failed on */

/* The children's command lines: start.c. */
int start_fault(struct run *r, struct err *e);
int start_load(struct run *r, struct err *e); /* sets t0_ns */

#endif
