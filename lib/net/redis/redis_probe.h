/* The Redis probes, on hiredis: PING, or ROLE for a replica's link. See net/probe.h. */
#ifndef NET_REDIS_PROBE_H
#define NET_REDIS_PROBE_H

#include "net/probe.h"

#include <stdbool.h>

struct redis_probe;

struct redis_probe *redis_probe_new(const struct url *at, bool replica);
void redis_probe_free(struct redis_probe *p);
void redis_probe_start(struct redis_probe *p, int64_t timeout_ns);
enum probe_answer redis_probe_step(struct redis_probe *p);
const char *redis_probe_why(const struct redis_probe *p);
bool redis_probe_heard(const struct redis_probe *p);
const char *redis_probe_role(const struct redis_probe *p);

#endif
