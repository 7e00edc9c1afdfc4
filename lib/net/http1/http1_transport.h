/* Plain HTTP/1.1 over kept connections, at the least cost: requests are built once, one
 * send and one receive each. */
#ifndef NET_HTTP1_TRANSPORT_H
#define NET_HTTP1_TRANSPORT_H

#include "net/transport.h"

extern const struct transport_ops http1_transport;

#endif
