/* A report by a model: asked, checked paragraph by paragraph, and given up where it does not hold. */
#ifndef LLM_MODEL_H
#define LLM_MODEL_H

#include "report/facts.h"
#include "input.h"
#include "key.h"
#include "provider.h"

struct model_job {
	const struct options *o;
	const struct settings *settings;
	const struct key *key;
	const struct input *in;
	const struct facts *facts;
	struct buf *out; /* gets the report, if live_fd is negative */
	int live_fd;	 /* paragraphs go here as soon as they are checked; -1: none */
};

/* Writes the report. 0 if a model wrote it all and every check held. Else -1 with one line for
 * the user in e; what stands in out or has gone to live_fd is checked, and ends with words that
 * say that it is not whole (nothing at all if no paragraph held). note: what the user should know
 * although it went well, or "". */
int model_report(const struct model_job *job, char note[static 512], struct err *e);

/* The body of the first request, byte for byte as it would be sent. */
void model_prompt(const struct model_job *job, struct buf *out);

#endif
