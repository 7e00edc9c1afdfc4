/* What a run does in each stage; the loop in run.c calls these. */
#ifndef SCENARIO_CONDUCT_STAGES_H
#define SCENARIO_CONDUCT_STAGES_H

#include "conduct/run.h"

/* Writes the run_start event and starts the fault session. */
void stages_begin(struct run *r);
/* Carries out the steps of the plan that are due. */
void stages_step(struct run *r);
/* Handles new events, passed deadlines and the end of a stage; may be called at any time. */
void stages_advance(struct run *r);
/* A signal to end: puts everything back, then dies by the signal. */
void stages_interrupt(struct run *r, int signo);

#endif
