/* Commands of a session whose nodes are still being chosen. A command waits only for an earlier one
 * that names a node in common. */
#ifndef FAULT_FRONT_PENDING_H
#define FAULT_FRONT_PENDING_H

#include "faults/choice.h"
#include "front/command.h"
#include "sys/loop.h"

struct pending {
	struct fleet *fleet;
	struct loop_timer *timer;      /* owned */
	struct pending_command *first; /* in the order given; owned */
	void (*chosen)(void *arg, const struct choice *c);
	void *arg;
};

/* chosen is called once per command: with the nodes for c->work in c->nodes, or with the reason
 * for a refusal in c->why. */
int pending_init(struct pending *p, struct fleet *f,
		 void (*chosen)(void *arg, const struct choice *c), void *arg, struct err *e);
void pending_release(struct pending *p);

/* Chooses nodes for w; chosen may be called before this returns. */
void pending_add(struct pending *p, const struct command *c, const struct work *w);

/* Drops all commands and returns their number; chosen is called with why unless that is NULL. */
size_t pending_drop(struct pending *p, const struct err *why);

#endif
