/* What the nodes wrote during a run. */
#ifndef SCENARIO_AFTER_LOGS_H
#define SCENARIO_AFTER_LOGS_H

#include "prepare/rundir.h"

/* Copies it into logs/NODE.log, the last MiB of each process that the run has started, and of each container since
 * the run began, as its engine kept it. -1: of one or more
 * it could not be copied. */
int logs_keep(const struct rundir *d, struct err *e);

#endif
