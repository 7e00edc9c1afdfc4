/* One direction of a connection: reads, lets the toxics say when, writes. */
#ifndef PROXY_LINK_H
#define PROXY_LINK_H

#include "relay/relay.h"

enum link_outcome {
	LINK_GOES_ON,
	LINK_OVER,  /* a toxic ends the connection */
	LINK_RESET, /* a toxic resets it */
};

void link_init(struct link *l, struct conn *c, struct peer *from, struct peer *to,
	       enum toxic_stream stream);
void link_release(struct link *l);

/* Moves what can be moved now, and sets the timer for what comes next. */
enum link_outcome link_run(struct link *l);

/* Queues data behind what is there, or writes it at once. match: see struct piece. */
void link_add(struct link *l, const char *data, size_t len, uint32_t match);

#endif
