/* What a report is written from. */
#ifndef LLM_INPUT_H
#define LLM_INPUT_H

#include "base/err.h"
#include "options.h"
#include "stream/event.h"
#include "stream/json.h"

struct input {
	struct json *analysis;
	struct event_log events; /* empty if there are none */
};

/* Reads stdin or the file; with ids, what the sibling chaos-analyze prints. -1 with the reason
 * in e; e->msg is empty if chaos-analyze has told it already. */
int input_read(struct input *in, const struct options *o, struct err *e);
void input_release(struct input *in); /* accepts a zeroed one */

#endif
