/* The effect of a fault, as the node's users have it: after an act has been confirmed at the
 * target, the node is asked from outside, and must not answer. */
#ifndef FAULT_FAULTS_EXTERNAL_CHECK_H
#define FAULT_FAULTS_EXTERNAL_CHECK_H

#include "node/task.h"

#include <stdint.h>

enum { EFFECT_TEXT_MAX = 120 };

/* What was seen of it. */
struct effect {
	int64_t seen_ns;	      /* CLOCK_MONOTONIC; 0: it was not looked for to the end */
	char check[80];		      /* what was asked: "GET /health" */
	char answer[EFFECT_TEXT_MAX]; /* "Connection refused", "none within 250ms" */
};

/* Looks as n->current, for a fault that has been confirmed: into f->effect. Gives way at once when
 * other work is queued for the node, such as its undo: then it has not been seen. With VERDICT_NO
 * it still answers: the fault has no effect. */
enum verdict effect_look(struct task *t, struct err *e);

extern const int64_t effect_within_ns; /* the bound of that task */

#endif
