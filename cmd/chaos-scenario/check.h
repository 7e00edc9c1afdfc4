/* --check: everything is looked at, nothing touched. */
#ifndef SCENARIO_CHECK_H
#define SCENARIO_CHECK_H

#include "prepare.h"

/* Looks at the nodes and prints the plan on stdout. Returns the exit code; what is wrong
 * has been said. */
int check_only(const struct options *o, const struct prepared *p);

#endif
