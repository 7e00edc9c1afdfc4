/* Looking anew at several nodes whose look takes time, beside one another. */
#ifndef FAULT_NODE_SURVEY_H
#define FAULT_NODE_SURVEY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct node;

/* Zeroed: of no nodes. */
struct survey {
	struct node **nodes; /* that have not been seen yet; owned */
	size_t count;
};

/* A node with work under way is left as it was seen last: that work looks at it. */
void survey_begin(struct survey *s, struct node *const *nodes, size_t count);

/* Goes on as far as is possible without waiting. True when it is over: what could not be looked
 * at is told by node_check_ours. A struct survey, for await. */
bool survey_step(void *survey);

void survey_release(struct survey *s);

/* The whole of it, before a session (await.h). */
int survey_await(struct node *const *nodes, size_t count, struct err *e);

#endif
