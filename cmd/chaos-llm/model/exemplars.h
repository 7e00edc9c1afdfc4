/* Error texts of failed requests, as a model may see them: few, short, without names, addresses,
 * numbers and control characters. */
#ifndef LLM_EXEMPLARS_H
#define LLM_EXEMPLARS_H

#include "base/err.h"
#include "report/aliases.h"

#include <stdint.h>

enum { EXEMPLARS_MAX = 8, EXEMPLAR_BYTES = 120 };

struct exemplar {
	char text[EXEMPLAR_BYTES + 1];
	uint64_t count;
};

struct exemplars {
	struct exemplar all[EXEMPLARS_MAX];
	size_t count; /* of different texts; those after the first EXEMPLARS_MAX are left out */
};

/* Reads the samples at path; none if there is no such file. redact: aliases replace names and
 * addresses. */
void exemplars_read(struct exemplars *x, const char *path, const struct aliases *aliases, bool redact);

#endif
