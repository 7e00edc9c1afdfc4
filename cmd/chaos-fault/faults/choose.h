/* Which nodes are hit: by name or pattern, of those --pick some, and never all of a mode unless
 * that is wanted. */
#ifndef FAULT_FAULTS_CHOOSE_H
#define FAULT_FAULTS_CHOOSE_H

#include "conf/pick.h"
#include "node/fleet.h"

/* Adds the node of that name, or those whose names match the pattern, unless they are there
 * already. -1 with EXIT_USAGE if there is none, or no room for more. */
int choose_named(struct fleet *f, const char *name, struct node **nodes, size_t *count, size_t room,
		 struct err *e);

/* Keeps those that p can be made of: that can take the verb's fault now, and are Redis nodes if p
 * asks for a role. *wanted is how many p takes of them. -1 with EXIT_USAGE if there are not enough. */
int choose_able(const struct pick *p, const struct verb *v, struct node **nodes, size_t *count,
		size_t *wanted, struct err *e);

/* Keeps those that p picks, in their order: of the nodes that can take the verb's fault now, the
 * protected never being among them. Says in an event which, of which, and by which seed: the
 * same seed picks the same from the same nodes, and with one more or less to pick from as few
 * others as can be. Redis is asked for its role, which takes some milliseconds. -1 with
 * EXIT_USAGE if there are not enough. Of w, the verb, the line and the time are used. */
int choose_picked(struct fleet *f, const struct pick *p, const struct work *w, struct node **nodes,
		  size_t *count, struct err *e);

/* One at a time among all chaos-faults of a state folder: from looking whether some stay up until
 * the intent is on disk, which the next one sees. Waits for some seconds at most. Returns a
 * descriptor whose closing lets go, or -1. */
int choose_begin(const struct fleet *f, struct err *e);

/* Refuses (EXIT_USAGE) what would leave no node of a mode up: none that runs without a fault, or
 * is just being put back by this process. A mode of which the config has one node alone is let
 * be: to name the node is to say it. */
int choose_leaves_some(const struct verb *v, struct node *const *nodes, size_t count,
		       struct err *e);

#endif
