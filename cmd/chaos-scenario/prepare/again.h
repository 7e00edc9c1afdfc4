/* An earlier run, to be repeated. */
#ifndef SCENARIO_PREPARE_AGAIN_H
#define SCENARIO_PREPARE_AGAIN_H

#include "options.h"

#include "conf/scenario.h"

struct again;

/* Reads the run of --again and sets the options by which it was made, which then borrow from *a: scenario, config,
 * seed, and others that change what happens. EXIT_USAGE if it cannot be the same run: another folder, another
 * config. */
int again_read(struct options *o, struct again **a, struct err *e);
/* The phases of s end when those of the run ended. */
int again_phases(const struct options *o, struct scenario *s, struct err *e);
void again_free(struct again *a); /* accepts NULL */

#endif
