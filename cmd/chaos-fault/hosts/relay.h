/* A session whose nodes live on several hosts: each host has one of its own, with journal and guard there, and this
 * one passes on lines and events. */
#ifndef FAULT_HOSTS_RELAY_H
#define FAULT_HOSTS_RELAY_H

#include "events/report.h"
#include "hosts/far.h"

/* Returns an exit code: the worst of all. */
int relay_run(const struct config *c, struct report *r, const struct options *o);

#endif
