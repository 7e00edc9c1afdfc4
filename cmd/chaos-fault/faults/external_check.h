/* What a silent fault does to the node's users: after the act has been confirmed at the target, the
 * node is asked from outside, and must not answer. */
#ifndef FAULT_FAULTS_EXTERNAL_CHECK_H
#define FAULT_FAULTS_EXTERNAL_CHECK_H

#include "faults/action.h"
#include "node/task.h"

#include <stdint.h>

/* Before the intent: the node must answer where load goes, or nothing could be seen of a fault.
 * VERDICT_NO, EXIT_USAGE: it does not. */
enum verdict external_check_answers_yet(struct task *t, struct err *e);

/* The same for a dry run, which waits for the answer: -1 if it would be VERDICT_NO. */
int external_check_await(struct node *n, const struct action *action, bool stays, struct err *e);

/* Asks so at a time when nobody waits for it: a fault is soon to come. */
void external_check_ask_ahead(struct node *n);

/* Looks as n->current, for a fault that has been confirmed: into f->external. Gives way at once when
 * other work is queued for the node, such as its undo: then it has not been seen. With VERDICT_NO
 * it still answers: the fault has no effect. */
enum verdict external_check_look(struct task *t, struct err *e);

extern const int64_t external_check_within_ns; /* the bound of that task */

#endif
