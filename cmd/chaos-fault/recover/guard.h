/* The guard itself: chaos-fault run as "chaos-fault guard PID TICKS FD STATE" by its owner. */
#ifndef FAULT_RECOVER_GUARD_H
#define FAULT_RECOVER_GUARD_H

#include <stdbool.h>

/* True if the command line is that of a guard. */
bool watch_asked(int argc, char **argv);

/* Guards until there is nothing left to guard. Returns the exit code. */
int watch_run(char **argv);

#endif
