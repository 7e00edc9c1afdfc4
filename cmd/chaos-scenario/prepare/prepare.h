/* Everything that can be wrong is found here, before anything is touched. */
#ifndef SCENARIO_PREPARE_H
#define SCENARIO_PREPARE_H

#include "options.h"
#include "prepare/plan.h"

struct prepared {
	struct scenario scenario;
	struct config config;
	struct plan plan;
};

/* Reads and checks it all: scenario, config, targets, the run's folder, the programs
 * that will be needed, what chaos-fault would refuse. CLI_RUN, or the exit code once stderr says
 * why. Release in both cases. */
int prepare(struct prepared *p, const struct options *o);
/* The plan on stdout. Returns the exit code. */
int prepared_print(const struct prepared *p);
void prepared_release(struct prepared *p);

#endif
