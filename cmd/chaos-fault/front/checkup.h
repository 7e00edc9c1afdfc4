/* What the machine must be able to do for faults to be injected and put back, each tried for
 * real on something of our own. */
#ifndef FAULT_FRONT_CHECKUP_H
#define FAULT_FRONT_CHECKUP_H

#include "conf/config.h"
#include "node/kind.h"

#include <stdbool.h>
#include <stddef.h>

struct checkup {
	bool ok;
	char detail[240]; /* what was found; if not ok, what is lacking */
};

const char *need_name(enum need n);

/* Tries all; out has room for NEED_COUNT. Touches no node. */
void checkup_run(struct checkup *out, const char *state, const struct config *c);

#endif
