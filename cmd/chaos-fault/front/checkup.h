/* What the machine must be able to do for faults to be injected and put back, each tried for
 * real on something of our own. */
#ifndef FAULT_FRONT_CHECKUP_H
#define FAULT_FRONT_CHECKUP_H

#include "conf/config.h"

#include <stdbool.h>
#include <stddef.h>

enum need {
	NEED_STATE,    /* the state folder can be written to, and waits for the disk */
	NEED_GUARD,    /* a guard starts */
	NEED_PIDFD,    /* processes are signalled through pidfds */
	NEED_SIGNALS,  /* a process stops, goes on and ends when told to */
	NEED_PROC,     /* /proc shows processes and the boot */
	NEED_PORTS,    /* who listens on a port can be seen */
	NEED_PROGRAMS, /* the programs of the config's nodes are there */
	NEED_ENGINE,   /* a container engine answers */
	NEED_COUNT
};

struct checkup {
	bool ok;
	char detail[240]; /* what was found; if not ok, what is lacking */
};

const char *need_name(enum need n);

/* Tries all; out has room for NEED_COUNT. Touches no node. */
void checkup_run(struct checkup *out, const char *state, const struct config *c);

#endif
