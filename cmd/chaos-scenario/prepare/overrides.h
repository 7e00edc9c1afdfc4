/* What the command line changes in a scenario. */
#ifndef SCENARIO_PREPARE_OVERRIDES_H
#define SCENARIO_PREPARE_OVERRIDES_H

#include "options.h"

#include "conf/scenario.h"

/* By --set, --without-faults and --shorten. EXIT_USAGE for a name that the scenario does not have. */
int overrides_apply(struct scenario *s, const struct options *o, struct err *e);

#endif
