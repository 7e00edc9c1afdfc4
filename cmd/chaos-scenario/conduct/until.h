/* Phases that end when the system has recovered. */
#ifndef SCENARIO_CONDUCT_UNTIL_H
#define SCENARIO_CONDUCT_UNTIL_H

#include "conduct/run.h"

/* Ends the present phase if it is one and that is so: all its actions are done, what they broke for a time is
 * lifted, and each load has been well since for five windows. The rest of the plan comes earlier then. */
void until_look(struct run *r);

#endif
