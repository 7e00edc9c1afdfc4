/* A command alone for nodes on several hosts: it is given to a chaos-fault on each. */
#ifndef FAULT_HOSTS_ELSEWHERE_H
#define FAULT_HOSTS_ELSEWHERE_H

#include "cli/cli.h"
#include "conf/config.h"
#include "options.h"

/* Faults begin on all hosts at once; what else there is comes host by host, this machine first. Returns an exit code:
 * the worst of all. */
int elsewhere_run(const struct config *c, const struct options *o, const struct cli_rest *rest);

#endif
