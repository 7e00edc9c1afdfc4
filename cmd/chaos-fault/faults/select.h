/* Which nodes are hit: by name or pattern, of those --pick some. */
#ifndef FAULT_FAULTS_SELECT_H
#define FAULT_FAULTS_SELECT_H

#include "conf/pick.h"
#include "node/queue.h"

struct choice;

/* Adds the node of that name, or those whose names match the pattern, unless they are there
 * already. -1 with EXIT_USAGE if there is none, or no room for more. */
int select_named(struct fleet *f, const char *name, struct node **nodes, size_t *count, size_t room,
		 struct err *e);

/* Keeps those that p can be made of: that can take the verb's fault now, the protected never being
 * among them, and are Redis nodes if p asks for a role. *wanted is how many p takes of them. -1 with
 * EXIT_USAGE if there are not enough. */
int select_able(const struct pick *p, const struct verb *v, struct node **nodes, size_t *count,
		size_t *wanted, struct err *e);

/* Keeps those of c->nodes that c->pick draws, in their order, and says in an event which, of which,
 * and by which seed. The same seed draws the same from the same nodes, and with one more or less to
 * draw from as few others as can be. -1 with EXIT_USAGE if there are not enough. */
int select_drawn(struct choice *c, struct err *e);

#endif
