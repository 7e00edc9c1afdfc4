/* Checks with chaos-fault that the fault session can begin and would accept the plan's commands. */
#ifndef SCENARIO_PREPARE_FAULT_CHECK_H
#define SCENARIO_PREPARE_FAULT_CHECK_H

#include "children/child.h"
#include "prepare/steps/plan.h"

/* Adds the command line of the fault session, as far as it follows from the plan. */
void fault_session(struct args *a, const struct plan *p);

/* Runs 'chaos-fault --control --check', which touches nothing. 0; -1 with e, which gives the place
 * in the scenario of the first refused command; or the exit code of chaos-fault, which has printed
 * the reason. */
int fault_check(const struct plan *p, struct err *e);

#endif
