/* What waits in a link, and when each piece of it leaves: see toxics/dose.h. */
#ifndef PROXY_QUEUE_H
#define PROXY_QUEUE_H

#include "relay/relay.h"

void queue_open(struct link *l);

/* Through the toxics that act on the link; match: see struct piece. */
void queue_add(struct link *l, const char *data, size_t len, uint32_t match);
/* Behind what waits, without any. */
void queue_add_plain(struct link *l, const char *data, size_t len);

/* The first n bytes have been written. */
void queue_went(struct link *l, size_t n);
void queue_clear(struct link *l);

/* The proxy's toxics have changed: takes over those that act on this connection, and plans what
 * waits anew. */
void queue_replan(struct link *l, struct toxic *toxics);

#endif
