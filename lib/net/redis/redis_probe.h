/* The Redis probes: PING, or ROLE for a replica's link. */
#ifndef NET_REDIS_PROBE_H
#define NET_REDIS_PROBE_H

#include "net/prober.h"

extern const struct prober redis_prober;

#endif
