/* chaos-fault push: what a host needs is brought there. */
#ifndef FAULT_HOSTS_PUSH_H
#define FAULT_HOSTS_PUSH_H

#include "cli/cli.h"

/* Becomes libexec/push. rest: the command and its hosts. Returns only if that cannot be: the exit code to end with. */
int push_exec(const struct cli_rest *rest);

#endif
