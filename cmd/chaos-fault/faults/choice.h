/* Of the nodes that a command names, those that it is for: picked, checked, and some left up. In
 * steps that never wait. */
#ifndef FAULT_FAULTS_CHOICE_H
#define FAULT_FAULTS_CHOICE_H

#include "conf/pick.h"
#include "faults/survivors.h"
#include "node/queue.h"

struct choice {
	struct work work; /* what each of them is to do */
	struct pick pick; /* kind 0: all of them */
	bool beforehand;  /* each is looked at and checked now, not when its turn comes */
	bool dry_run;	  /* programs that are not there are no reason to refuse */
	/* The rest is the choice's own. */
	struct fleet *fleet;
	struct node **nodes; /* owned */
	size_t count;
	uint64_t number; /* of the pick */
	bool drawn;	 /* it was made */
	size_t stage;
	struct survey survey;
	struct inquiry roles;
	struct survivors survivors;
	int64_t settled_ns; /* when what is settling has had its time */
	struct err why;	    /* it is refused; code 0: it is not */
};

/* From the nodes that are named, which are copied. The fields above are set. */
void choice_begin(struct choice *c, struct fleet *f, struct node *const *nodes, size_t count);

/* Goes on as far as is possible without waiting: true when it is made, or refused as a whole. A
 * struct choice, for await. A pick is told in an event: which, of which, and by which seed. */
bool choice_step(void *choice);

void choice_release(struct choice *c);

#endif
