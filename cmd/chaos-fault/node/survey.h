/* Queries the state of several nodes concurrently: of the kinds that have to ask a backend for
 * it. */
#ifndef FAULT_NODE_SURVEY_H
#define FAULT_NODE_SURVEY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct node;

/* Zeroed: of no nodes. */
struct survey {
	struct node **nodes; /* whose state is still awaited; owned */
	size_t count;
};

/* Skips a node with work under way: that work queries its state itself. */
void survey_begin(struct survey *s, struct node *const *nodes, size_t count);

/* Never blocks. True when the survey is complete; node_check_ours has the reason for a node whose
 * state is unknown. survey is a struct survey (void for await). */
bool survey_step(void *survey);

void survey_release(struct survey *s);

/* A whole survey, where await may be used. */
int survey_await(struct node *const *nodes, size_t count, struct err *e);

#endif
