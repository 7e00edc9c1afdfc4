/* The table of what can be asked for a node, on the command line and in a session. */
#ifndef FAULT_FAULTS_VERB_H
#define FAULT_FAULTS_VERB_H

#include "node/queue.h"

/* The verb of that name, or NULL. */
const struct verb *verb_find(const char *name);
/* The same; when there is none, with the nearest name, if any, in *near and all names in e. */
const struct verb *verb_need(const char *name, const char **near, struct err *e);

/* That injects the action. */
struct verb verb_of_fault(const struct action *a);

/* What the program itself asks for: to bring a node up for the length of a session. */
extern const struct verb verb_bring_up;

/* Refuses with EXIT_USAGE what would have to start a program that is not there, and an end that is
 * given to a fault that has its own; touches nothing. A fault that stays starts nothing. */
int verb_check_work(const struct work *w, struct node *n, struct err *e);

#endif
