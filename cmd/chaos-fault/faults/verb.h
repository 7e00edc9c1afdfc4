/* The table of what can be asked for a node, on the command line and in a session. */
#ifndef FAULT_FAULTS_VERB_H
#define FAULT_FAULTS_VERB_H

#include "base/err.h"

#include <stdbool.h>

struct action;
struct node;
struct work;

/* When a verb, or the undo of its fault, starts the node's program; STOPS: it ends it for good. */
enum verb_starts { STARTS_NOTHING, STARTS_IF_DOWN, STARTS_ANYWAY, STOPS };

struct verb {
	const char *name;
	const struct action *action; /* the fault it injects, or NULL: what it does persists */
	/* Refuses with EXIT_USAGE what cannot be; touches nothing. */
	int (*check)(struct node *n, struct err *e);
	/* Does n->current; ends in fleet_finish. */
	void (*run)(struct node *n, struct work *w);
	enum verb_starts starts;
};

/* Refuses with EXIT_USAGE what would have to start a program that is not there; touches nothing.
 * A fault that stays starts nothing. */
int verb_check_program(const struct verb *v, struct node *n, bool stays, struct err *e);

/* The verb of that name, or NULL. */
const struct verb *verb_find(const char *name);
/* The same, with the nearest name in e when there is none. */
const struct verb *verb_need(const char *name, struct err *e);

/* What the program itself asks for: to undo the node's fault, to bring a node
 * up for the length of a session, and to end that. */
extern const struct verb verb_revert, verb_bring_up, verb_put_down;

#endif
