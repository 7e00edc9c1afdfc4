/* What a model is told. */
#ifndef LLM_PROMPT_H
#define LLM_PROMPT_H

#include "base/buf.h"
#include "llm/claim.h"
#include "exemplars.h"
#include "provider.h"

struct prompt {
	const struct settings *settings;
	const struct claims *claims; /* as the model may see them */
	const struct exemplars *exemplars;
	bool checked; /* free text instead of placeholders */
};

/* An answer that was not accepted, and how to go on. */
struct prompt_retry {
	const char *answer, *request; /* what the model wrote, and what is asked for now */
};

/* Appends the body of the request, which ends in a newline. retry may be NULL. */
void prompt_write(const struct prompt *p, const char *model, const struct prompt_retry *retry,
		  struct buf *out);

#endif
