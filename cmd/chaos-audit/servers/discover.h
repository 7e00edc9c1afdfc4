/* The servers that a redis+sentinel:// or redis+cluster:// URL stands for. */
#ifndef AUDIT_SERVERS_DISCOVER_H
#define AUDIT_SERVERS_DISCOVER_H

#include "base/err.h"
#include "net/redis/redis_wire.h"

#include <stdint.h>

struct discovery {
	struct redis_server to; /* whose URL stands for them, and how to speak to its hosts */
	void (*add)(void *arg, const char *host, int port);
	void *arg;

	/* Private. */
	const struct url *host; /* that is asked */
	size_t count;
};

/* Asks the hosts of the URL in turn until one answers, and calls add for each server that it names, primary and
 * replicas. -1: EXIT_RUNTIME if none answers, EXIT_USAGE if one knows no such name. */
int servers_discover(struct discovery *d, int64_t wait_ns, struct err *e);

#endif
