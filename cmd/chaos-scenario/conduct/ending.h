/* The end of a run, planned or not: children that end or do not, and putting back. */
#ifndef SCENARIO_CONDUCT_ENDING_H
#define SCENARIO_CONDUCT_ENDING_H

#include "conduct/run.h"

size_t run_loads_running(const struct run *r); /* how many */

/* The exit code by what is known so far. */
int run_exit(const struct run *r);

/* How long nodes may take until they are ready, in the worst case one by one. */
int64_t run_ready_within(const struct run *r);

/* Ends the load and the fault session, which puts everything back. Later calls do nothing. */
void run_put_back(struct run *r);

/* Ends the run as failed: prints the reason, if it is the first one, and puts everything back. */
void run_fail(struct run *r, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The plan is over: waits for the loads; then what was audited is read back while the nodes are still there. */
void run_drain(struct run *r);

/* After SIGCHLD: handles the children that have ended. */
void run_children_ended(struct run *r);

/* Takes what chaos-fault has told since, and fails the run where a command or an undo has failed: also when it has ended,
 * as the end is seen before what it told last. */
void run_hear(struct run *r);

/* The stage has passed its deadline: sends the next stronger signal, or fails the run. */
void run_overdue(struct run *r);

#endif
