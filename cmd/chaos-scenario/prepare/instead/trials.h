/* Several runs of one scenario: --repeat and --search. */
#ifndef SCENARIO_PREPARE_TRIALS_H
#define SCENARIO_PREPARE_TRIALS_H

#include "options.h"

/* Runs libexec/trials in place of this program, which calls it once for each trial. Returns the exit code if that
 * cannot be done. */
int trials_exec(const struct options *o);

#endif
