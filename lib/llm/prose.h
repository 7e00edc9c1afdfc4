/* What may be shown of a model's text. The text is taken sentence by sentence: a placeholder gets its
 * statement, the name of a node the one that the reader knows. A sentence with something that only
 * the analysis may state, or that a reader might follow blindly, is left out; all words are free.
 * Pure. */
#ifndef LLM_PROSE_H
#define LLM_PROSE_H

#include "report/statements.h"

#include <stdint.h>

enum prose_fault {
	PROSE_FINE,
	PROSE_NUMBER,	 /* a digit, a numeral from four on, or a unit */
	PROSE_NAME,	 /* an unknown placeholder or node */
	PROSE_LINK,	 /* a link, an address or markup */
	PROSE_COMMAND,	 /* a command, an option or a path */
	PROSE_CHARACTER, /* a character that English prose does not use */
	PROSE_LABEL,	 /* words of the label around the interpretation */
	PROSE_LENGTH,	 /* beyond the bound on words */
	PROSE_FAULTS,
};

enum { PROSE_PARTS = 3 }; /* what happened; what may explain it; what to try next */

struct prose {
	struct buf parts[PROSE_PARTS]; /* Markdown: paragraphs and lists */
	struct buf reasons;	       /* for the model: the sentences left out, a line each */
	size_t shown, left_out[PROSE_FAULTS];
	size_t words;
};

/* Reads a whole answer, without its reasoning. sent are the statements as the model got them, shown
 * the same ones in the same order as the reader gets them. max_words bounds what is shown. */
void prose_read(struct prose *p, const struct statements *sent, const struct statements *shown,
		const char *text, int64_t max_words);
void prose_release(struct prose *p);

size_t prose_left_out(const struct prose *p); /* sentences in all */
const char *prose_fault_words(enum prose_fault fault); /* "a number or unit" */

#endif
