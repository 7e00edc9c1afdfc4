/* Whether the system works before anything is broken. */
#ifndef SCENARIO_CONDUCT_STEADY_H
#define SCENARIO_CONDUCT_STEADY_H

#include "conduct/run.h"

/* Judges each load by its first answers, until the first fault; ends the run if most of them failed.
 * fault: it comes now, so that few answers must do. */
void steady_check(struct run *r, bool fault);

#endif
