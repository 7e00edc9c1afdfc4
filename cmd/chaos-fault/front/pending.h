/* Commands of a session whose nodes are being chosen, which may take other nodes' answers. One that
 * names a node of an earlier one waits for that; all others go on. */
#ifndef FAULT_FRONT_PENDING_H
#define FAULT_FRONT_PENDING_H

#include "faults/choice.h"
#include "front/command.h"
#include "sys/loop.h"

struct pending {
	struct fleet *fleet;
	struct loop_timer *timer;	/* owned */
	struct pending_command *first; /* in the order given; owned */
	void (*chosen)(void *arg, const struct choice *c);
	void *arg;
};

/* chosen is called once for each command: c->nodes are to do c->work, unless c->why says why none
 * does. */
int pending_init(struct pending *p, struct fleet *f,
		 void (*chosen)(void *arg, const struct choice *c), void *arg, struct err *e);
void pending_release(struct pending *p);

/* Chooses nodes of c for w, at once if that can be. */
void pending_add(struct pending *p, const struct command *c, const struct work *w);

/* Drops all: chosen is called with that reason; NULL: it is not called. Returns how many. */
size_t pending_drop(struct pending *p, const struct err *why);

#endif
