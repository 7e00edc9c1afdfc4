/* What a run does in each stage; the loop in run.c calls these. */
#ifndef SCENARIO_CONDUCT_STAGES_H
#define SCENARIO_CONDUCT_STAGES_H

#include "conduct/run.h"

/* The first lines of the events file, and the nodes. */
void stages_begin(struct run *r);
/* The plan's next step is due. */
void stages_step(struct run *r);
/* Whatever there is to see: events, deadlines, the end of a stage. Loses nothing by being called often. */
void stages_advance(struct run *r);
/* Ctrl-C and its like: put back, say so; die by it in the end. */
void stages_interrupt(struct run *r, int signo);

#endif
