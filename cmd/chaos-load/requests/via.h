/* --via: nodes that are reached through a proxy. */
#ifndef LOAD_REQUESTS_VIA_H
#define LOAD_REQUESTS_VIA_H

#include "net/transport.h"
#include "options.h"

/* Sets url.via of the nodes that options name. EXIT_USAGE for what is no URL=HOST:PORT, and for a --via
 * that is of no node. */
int via_set(const struct load_opts *o, struct transport_node *nodes, size_t count, struct err *e);

#endif
