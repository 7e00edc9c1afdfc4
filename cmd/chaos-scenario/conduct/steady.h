/* Whether the system works before anything is broken. */
#ifndef SCENARIO_CONDUCT_STEADY_H
#define SCENARIO_CONDUCT_STEADY_H

#include "conduct/run.h"

/* A load begins, or goes on, at the rate of the step, a STEP_RATE. */
void steady_begin(struct run *r, const struct step *s);

/* By the steady state of the scenario, if it has one, before the first fault; else judges each load by its first
 * answers, until the first fault; ends the run if there are none or most failed. fault: it comes now, so that few
 * answers must do. */
void steady_check(struct run *r, bool fault);

#endif
