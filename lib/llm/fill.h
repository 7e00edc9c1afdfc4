/* Puts statements in the place of placeholders in a model's text. Each paragraph is checked by
 * itself and after strip_markup, so that it can be shown while the next is being written. */
#ifndef LLM_FILL_H
#define LLM_FILL_H

#include "report/statements.h"

enum { FILL_WHY_MAX = 200 };

/* text may hold {{id}}, but no number, comparison or node's name of its own. sent are the statements
 * as the model got them, shown the same ones in the same order as the reader gets them. Appends the
 * filled-in paragraph to out and adds the number of placeholders to *count; or returns -1, with the
 * reason for the model in why and nothing appended. */
int fill_placeholders(const struct statements *sent, const struct statements *shown, const char *text,
		      struct buf *out, size_t *count, char why[static FILL_WHY_MAX]);

#endif
