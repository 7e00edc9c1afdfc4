/* What a run ends with on stderr: the findings in a few lines, and where to look. */
#ifndef SCENARIO_AFTER_SUMMARY_H
#define SCENARIO_AFTER_SUMMARY_H

#include "children/progress.h"
#include "prepare/rundir.h"

void findings_print(const struct rundir *d, struct progress *p);

#endif
