/* The input of a report. */
#ifndef LLM_INPUT_H
#define LLM_INPUT_H

#include "base/err.h"
#include "options.h"
#include "stream/event.h"
#include "stream/json.h"

struct report_input {
	struct json *analysis;
	struct event_log events; /* empty if there are none */
};

/* Reads stdin or the file; with --run-id, the output of chaos-analyze. -1 with the reason in e;
 * e->msg is empty if chaos-analyze has printed it already. */
int report_input_read(struct report_input *in, const struct options *o, struct err *e);
void report_input_release(struct report_input *in); /* accepts a zeroed one */

#endif
