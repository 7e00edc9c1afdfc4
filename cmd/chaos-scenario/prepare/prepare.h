/* All checks before a run; they touch nothing. */
#ifndef SCENARIO_PREPARE_H
#define SCENARIO_PREPARE_H

#include "options.h"
#include "prepare/steps/plan.h"

struct prepared {
	struct again *again; /* the run that is repeated, which owns options; or NULL */
	struct scenario scenario;
	struct config config;
	struct plan plan;
};

/* Fills in the options that --again stands for. Reads and checks scenario, config, targets, the run's folder, the needed programs, and the
 * commands for chaos-fault. CLI_RUN, or the exit code after an error message. Release in both
 * cases. */
int prepare(struct prepared *p, struct options *o);
/* The plan on stdout, as text or JSON. Returns the exit code. */
int prepared_print(const struct prepared *p, bool json);
void prepared_release(struct prepared *p);

#endif
