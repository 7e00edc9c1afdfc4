/* The events that the run itself writes. One that cannot be written ends the run. */
#ifndef SCENARIO_CONDUCT_RUN_EVENTS_H
#define SCENARIO_CONDUCT_RUN_EVENTS_H

#include "conduct/run.h"

void emit_run_start(struct run *r); /* with the plan's warnings */
void emit_phase_start(struct run *r, const struct step *s); /* at the time that is planned */
void emit_run_end(struct run *r); /* how, with the exit code so far */

#endif
