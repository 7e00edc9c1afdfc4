/* A connection through a proxy. It frees itself when it is over. */
#ifndef PROXY_CONN_H
#define PROXY_CONN_H

#include "relay/relay.h"

/* Takes an accepted socket over. */
void conn_start(struct proxy *p, int fd);

/* The proxy's toxics have changed. */
void conn_toxics_changed(struct conn *c);

/* Ends it; reset: with RST to both sides. */
void conn_end(struct conn *c, bool reset);

#endif
