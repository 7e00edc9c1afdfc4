/* Error texts of failed requests, as a model may see them: few, short, without names, addresses,
 * numbers and control characters. */
#ifndef LLM_ERROR_TEXTS_H
#define LLM_ERROR_TEXTS_H

#include "report/facts/aliases.h"

#include <stdint.h>

enum { ERROR_TEXTS_MAX = 8, ERROR_TEXT_BYTES = 120 };

struct error_text {
	char text[ERROR_TEXT_BYTES + 1];
	uint64_t count;
};

struct error_texts {
	struct error_text all[ERROR_TEXTS_MAX];
	size_t count; /* of different texts; those after the first ERROR_TEXTS_MAX are left out */
};

/* Adds those of the samples at path; none if there is no such file. redact: aliases replace names and
 * addresses. */
void error_texts_read(struct error_texts *x, const char *path, const struct aliases *aliases,
		      bool redact);

#endif
