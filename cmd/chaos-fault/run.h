/* From options to what is done: the config, the fleet, and one command or a session. */
#ifndef FAULT_RUN_H
#define FAULT_RUN_H

#include "options.h"

/* state is the state folder. Returns the exit code; 128 and more: die by that signal. */
int run(const struct options *o, const struct cli_rest *rest, const char *state);

#endif
