/* Nodes that live on several hosts: each host has a chaos-fault of its own, with journal and guard there, and this one
 * passes on lines or a command alone, and events. */
#ifndef FAULT_HOSTS_RELAY_H
#define FAULT_HOSTS_RELAY_H

#include "conf/config.h"
#include "events/emit.h"
#include "options.h"

/* A session, or the command in rest: faults begin on all hosts at once; what else there is comes host by host, this
 * machine first. Returns an exit code: the worst of all. */
int relay_run(const struct config *c, struct emitter *r, const struct options *o, const struct cli_rest *rest);

#endif
