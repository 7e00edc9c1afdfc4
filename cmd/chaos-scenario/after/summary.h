/* Prints the findings of a run on stderr in a few lines, and the names of its files. */
#ifndef SCENARIO_AFTER_SUMMARY_H
#define SCENARIO_AFTER_SUMMARY_H

#include "children/progress.h"
#include "prepare/rundir.h"

void findings_print(const struct rundir *d, struct progress *p);

#endif
