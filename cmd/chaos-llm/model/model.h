/* A model's interpretation of a run. */
#ifndef LLM_MODEL_H
#define LLM_MODEL_H

#include "report/facts/facts.h"
#include "model/key.h"
#include "model/provider.h"

struct model_job {
	const struct options *o;
	const struct settings *settings;
	const struct key *key;
	const struct json *analysis;
	const struct facts *facts;
	struct buf *out; /* gets the interpretation */
};

/* Asks a model and appends its interpretation: the sentences that may be shown, under a label that
 * says whose they are. -1 with one line for the user in e, and nothing appended, if there is no
 * whole answer or no sentence of it may be shown. note: a warning for the user in case of success,
 * or "". */
int model_interpret(const struct model_job *job, char note[static 512], struct err *e);

/* Appends the body of the first request, byte for byte as it would be sent. */
void model_prompt(const struct model_job *job, struct buf *out);

#endif
