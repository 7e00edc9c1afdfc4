/* The capabilities that injection and undo need, each tried on a process, file or port that the
 * checkup makes for it. */
#ifndef FAULT_SHOW_CHECKUP_H
#define FAULT_SHOW_CHECKUP_H

#include "conf/config.h"
#include "node/kind.h"

#include <stdbool.h>

struct checkup {
	bool ok;
	char detail[240]; /* what was found; if not ok, what is missing */
};

const char *need_name(enum need n);

/* Tries all; out has room for NEED_COUNT. No node is touched. */
void checkup_run(struct checkup *out, const char *state, const struct config *c);

#endif
