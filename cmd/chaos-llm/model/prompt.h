/* The request that a model gets: rules, statements, texts of failed requests. */
#ifndef LLM_PROMPT_H
#define LLM_PROMPT_H

#include "base/buf.h"
#include "report/statements.h"
#include "model/error_texts.h"
#include "model/provider.h"

struct prompt {
	const struct settings *settings;
	const struct statements *statements; /* as the model may see them */
	const struct error_texts *error_texts;
};

/* An answer with sentences at fault, and what to write instead. */
struct prompt_retry {
	const char *answer, *request;
};

/* Appends the body of the request, which ends in a newline. retry may be NULL. */
void prompt_write(const struct prompt *p, const char *model, const struct prompt_retry *retry,
		  struct buf *out);

#endif
