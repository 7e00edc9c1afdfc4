/* The guard itself: chaos-fault run as "chaos-fault guard PID TICKS FD STATE" by its owner. */
#ifndef FAULT_RECOVER_GUARD_H
#define FAULT_RECOVER_GUARD_H

#include <stdbool.h>

/* True if the command line is that of a guard. */
bool guard_requested(int argc, char **argv);

/* Runs until the owner has exited and none of its faults is left. Returns the exit code. */
int guard_main(char **argv);

#endif
