/* How a run ends, as planned or before: children that have ended or do not, and putting back. */
#ifndef SCENARIO_CONDUCT_ENDING_H
#define SCENARIO_CONDUCT_ENDING_H

#include "conduct/run.h"

/* How long nodes may take until they are ready, in the worst case one by one. */
int64_t run_ready_within(const struct run *r);

/* Ends the load; the fault session then puts everything back. Does so once. */
void run_put_back(struct run *r);

/* The run cannot go on: the first reason is the one that is told, and all is put back. */
void run_fail(struct run *r, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Takes in which children have ended. */
void run_children_ended(struct run *r);

/* A stage has lasted too long. Each call goes one step further. */
void run_overdue(struct run *r);

#endif
