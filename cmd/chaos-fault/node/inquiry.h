/* Probing several nodes from outside, beside one another. */
#ifndef FAULT_NODE_INQUIRY_H
#define FAULT_NODE_INQUIRY_H

#include "net/probe.h"

#include <stddef.h>

struct node;

/* Zeroed: of no nodes. */
struct inquiry {
	struct question {
		struct node *node;
		struct probe *probe; /* owned */
		enum probe_answer answer;
	} *items; /* owned */
	size_t count, alloc;
};

/* Starts the probe, which is owned from here on. It has half a second. */
void inquiry_add(struct inquiry *q, struct node *n, struct probe *p);

/* Goes on as far as is possible without waiting: true when each has answered or its time is over.
 * A struct inquiry, for await. */
bool inquiry_step(void *inquiry);

void inquiry_release(struct inquiry *q);

#endif
