/* The servers that a redis+sentinel:// or redis+cluster:// URL stands for. */
#ifndef AUDIT_SERVERS_DISCOVER_H
#define AUDIT_SERVERS_DISCOVER_H

#include "base/err.h"
#include "base/url.h"

#include <stdint.h>

/* Asks the hosts of u in turn until one answers, and calls add for each server that it names, primary and
 * replicas. -1: EXIT_RUNTIME if none answers, EXIT_USAGE if one
 * knows no such name. */
int servers_discover(const struct url *u, int64_t wait_ns, void (*add)(void *arg, const char *host, int port), void *arg,
		     struct err *e);

#endif
