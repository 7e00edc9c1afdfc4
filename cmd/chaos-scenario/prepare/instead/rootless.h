/* --rootless: the run in a user and network namespace of its own. */
#ifndef SCENARIO_PREPARE_ROOTLESS_H
#define SCENARIO_PREPARE_ROOTLESS_H

/* Becomes the same command there, without --rootless. Returns only if that cannot be: the exit code to end with. */
int rootless_exec(int argc, char **argv);

#endif
