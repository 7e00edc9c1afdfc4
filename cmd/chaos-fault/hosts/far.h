/* Other chaos-faults that do a part of the work: one on this machine, and one on each host by ssh. */
#ifndef FAULT_HOSTS_FAR_H
#define FAULT_HOSTS_FAR_H

#include "cli/cli.h"
#include "conf/config.h"
#include "sys/args.h"

#include <stdbool.h>
#include <sys/types.h>

/* Starts it on that host (NULL: here) with these arguments. *in becomes a pipe to its standard input, which does not
 * block, *out one from its standard output; the caller closes them. Returns the pid of what stands for it here, or
 * -1. */
pid_t far_start(const char *host, const struct config *c, const struct args *args, int *in, int *out, struct err *e);

/* A pidfd of it, which the caller closes; -1 if it has ended. */
int far_pidfd(pid_t pid);

/* Waits for its end. Returns its exit code, or 128 + the signal that ended it; EXIT_RUNTIME if the link
 * failed, and then *lost is true. */
int far_wait(pid_t pid, bool *lost);

/* "push HOST...": becomes the program that brings there what is needed. Returns only an exit code. */
int far_push(const struct cli_rest *rest);

#endif
