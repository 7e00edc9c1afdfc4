/* Redis: one command a slot, INCR of a counter and GET of it in turn. Writes go to the nodes
 * that say they are master, reads to all in rotation. One command at a time on a connection, so that
 * giving one up takes nothing else along. */
#ifndef NET_REDIS_LOAD_H
#define NET_REDIS_LOAD_H

#include "net/transport.h"

extern const struct transport_ops redis_transport;

#endif
