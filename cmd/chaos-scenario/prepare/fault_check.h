/* Whether the run's session of chaos-fault can begin, and would obey the commands of the plan. */
#ifndef SCENARIO_PREPARE_FAULT_CHECK_H
#define SCENARIO_PREPARE_FAULT_CHECK_H

#include "children/child.h"
#include "prepare/plan.h"

/* The command line of that session, as far as the plan determines it. */
void fault_session(struct args *a, const struct plan *p);

/* Asks chaos-fault, which touches nothing. 0; -1 with e, which has the place in the scenario of the
 * first command that it refuses; or the exit code of chaos-fault, which has said why on stderr. */
int fault_check(const struct plan *p, struct err *e);

#endif
