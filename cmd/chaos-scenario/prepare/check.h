/* --check: everything is looked at, nothing touched. */
#ifndef SCENARIO_PREPARE_CHECK_H
#define SCENARIO_PREPARE_CHECK_H

#include "prepare/prepare.h"

/* Looks at the nodes and prints the plan on stdout. Returns the exit code; what is wrong
 * has been said. */
int check_only(const struct options *o, const struct prepared *p);

#endif
