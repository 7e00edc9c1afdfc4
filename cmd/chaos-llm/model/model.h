/* A report by a model, each paragraph of which is checked before it is shown. */
#ifndef LLM_MODEL_H
#define LLM_MODEL_H

#include "report/facts.h"
#include "model/key.h"
#include "model/provider.h"

struct model_job {
	const struct options *o;
	const struct settings *settings;
	const struct key *key;
	const struct json *analysis;
	const struct facts *facts;
	struct buf *out; /* gets the report if live_fd is negative */
	int live_fd;	 /* gets each paragraph as soon as it is checked; -1: none */
};

/* Writes the report. 0 if a model wrote it all and every check passed. Else -1 with one line for
 * the user in e; what was written until then was checked, and a last line says that it is not
 * complete (nothing is written if no paragraph passed). note: a warning for the user in case of
 * success, or "". */
int model_report(const struct model_job *job, char note[static 512], struct err *e);

/* Appends the body of the first request, byte for byte as it would be sent. */
void model_prompt(const struct model_job *job, struct buf *out);

#endif
