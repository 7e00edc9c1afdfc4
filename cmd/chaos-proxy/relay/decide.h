/* Which requests of a connection the proxy answers itself. */
#ifndef PROXY_DECIDE_H
#define PROXY_DECIDE_H

#include "relay/relay.h"

/* For dialog_calls; arg is the connection. */
void decide(void *arg, const char *verb, const char *path, uint64_t number, struct dialog_verdict *v);

#endif
