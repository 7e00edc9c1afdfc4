/* The faults that are built in: their names, and their words in --help. All else about one is its
 * action_NAME in faults/action.c; the verbs, the command line, faults and doctor follow. */
#ifndef FAULT_FAULTS_BUILT_IN_H
#define FAULT_FAULTS_BUILT_IN_H

#include "faults/action.h"

#define BUILT_IN_FAULTS(X) \
	X(kill, "SIGKILL, held until --for or Ctrl-C, then started again") \
	X(stop, "SIGTERM, held and put back the same way") \
	X(pause, "SIGSTOP, held, then SIGCONT")

#define DECLARE(name, help) extern const struct action action_##name;
BUILT_IN_FAULTS(DECLARE)
#undef DECLARE

#endif
