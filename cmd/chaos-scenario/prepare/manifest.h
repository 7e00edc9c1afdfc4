/* manifest.json: what was run, with what, where; enough to run it again. */
#ifndef SCENARIO_PREPARE_MANIFEST_H
#define SCENARIO_PREPARE_MANIFEST_H

#include "options.h"
#include "prepare/steps/plan.h"
#include "prepare/rundir.h"

#include "base/err.h"

#include <stdint.h>

/* Writes scenario.yaml, config.yaml (if there is one) and manifest.json into the folder. */
int manifest_write(const struct rundir *d, const struct plan *p, const struct options *o, int argc,
		   char **argv, struct err *e);

#endif
