/* Which container engine is this user's: what docker's own tools would talk to, else Podman. */
#ifndef FAULT_KINDS_CONTAINER_ENGINE_AT_H
#define FAULT_KINDS_CONTAINER_ENGINE_AT_H

#include "base/err.h"

#include <stddef.h>

/* From DOCKER_HOST; else the context of DOCKER_CONTEXT or of docker's config file; else the first
 * of the usual sockets that is there. -1: EXIT_USAGE for one that cannot be used from here,
 * EXIT_RUNTIME if there is none. */
int engine_at(char *out, size_t size, struct err *e);

/* The one at that address. -1: EXIT_USAGE for one that cannot be used from here, or whose address does not fit. */
int engine_take(char *out, size_t size, const char *address, struct err *e);

#endif
