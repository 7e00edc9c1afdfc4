/* Probes several nodes concurrently. */
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
	} * items; /* owned */
	size_t count, alloc;
};

/* Takes ownership of the probe and starts it; it times out after half a second. */
void inquiry_add(struct inquiry *q, struct node *n, struct probe *p);

/* Never blocks. True when each probe has its answer or has timed out. inquiry is a struct inquiry
 * (void for await). */
bool inquiry_step(void *inquiry);

void inquiry_release(struct inquiry *q);

#endif
