/* The toxics of a proxy, as they come and go. */
#ifndef PROXY_TOXICS_H
#define PROXY_TOXICS_H

#include "relay/relay.h"

void toxics_init(struct proxy *p);
void toxics_release(struct proxy *p); /* frees them; the proxy has no connections */

/* While a toxic refuses all connections, nobody listens; the port stays taken. */
void toxics_gate(struct proxy *p);

#endif
