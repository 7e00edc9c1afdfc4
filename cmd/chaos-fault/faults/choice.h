/* Chooses the nodes of a command among those it names: the pick, the checks, the survivors. In
 * steps that never block. */
#ifndef FAULT_FAULTS_CHOICE_H
#define FAULT_FAULTS_CHOICE_H

#include "conf/pick.h"
#include "faults/survivors.h"
#include "node/queue.h"

struct choice {
	struct work work; /* for each node chosen */
	struct pick pick; /* PICK_NONE: all */
	bool beforehand;  /* every node is surveyed and checked now, not when its work begins */
	bool dry_run;	  /* a missing program is no reason for a refusal */
	/* The caller sets the above; the rest is private, but for the results nodes, count and why.
	 */
	struct fleet *fleet;
	struct node **nodes; /* owned */
	size_t count;
	uint64_t number; /* of the pick */
	bool drawn;	 /* it was made */
	size_t stage;
	struct survey survey;
	struct inquiry roles;
	struct survivors survivors;
	int64_t settled_ns; /* until when a settling node is awaited */
	struct err why;	    /* of the refusal; code 0: none */
};

/* nodes: as named; they are copied. */
void choice_begin(struct choice *c, struct fleet *f, struct node *const *nodes, size_t count);

/* Never blocks. True when the nodes are chosen, or the command is refused as a whole. A pick is
 * reported as an event with its candidates and its seed. choice is a struct choice (void for
 * await). */
bool choice_step(void *choice);

void choice_release(struct choice *c);

#endif
