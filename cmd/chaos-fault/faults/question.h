/* What a fault that is a program is told: the JSON object on its standard input. */
#ifndef FAULT_FAULTS_QUESTION_H
#define FAULT_FAULTS_QUESTION_H

#include "node/node.h"
#include "stream/json.h"

/* name: of the fault, since a program may be several. Of the node and of id, the server that it was or
 * is; params and state as JSON, "" for none. The caller frees. */
struct json *question_new(const char *name, const struct node *n, const struct identity *id,
			  const char *params, const char *state);

#endif
