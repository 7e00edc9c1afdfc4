/* Whether a paragraph from a model says only what the claims say. Paragraphs are checked one by one
 * and after claim_strip, so that a checked one can be shown while the next is being written. */
#ifndef LLM_CHECK_H
#define LLM_CHECK_H

#include "llm/claim.h"

enum { CLAIM_WHY_MAX = 200 };

/* Placeholders: text holds {{id}} and no number, comparison or name of its own. seen are the claims
 * as the model has them, shown the same ones in the same order as the reader gets them. Appends the
 * filled-in paragraph to out and adds the placeholders to *count; or -1, with the reason for the
 * model in why and nothing appended. */
int claim_fill(const struct claims *seen, const struct claims *shown, const char *text,
	       struct buf *out, size_t *count, char why[static CLAIM_WHY_MAX]);

/* Free text: each number matches a claim on what its clause is about, with its unit, to half a
 * unit of its last digit; each direction the sign of the change; each act the node that it was done to.
 * Appends the paragraph with the names of seen replaced by those of shown (same order),
 * and adds the numbers to *count; or -1 as above. */
int claim_check(const struct claims *seen, const struct claims *shown, const char *text,
		struct buf *out, size_t *count, char why[static CLAIM_WHY_MAX]);

#endif
