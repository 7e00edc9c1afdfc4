/* Takes out of a text from a model what could do more than be read. */
#ifndef LLM_STRIP_H
#define LLM_STRIP_H

#include "base/buf.h"

/* Appends a paragraph without images, link targets, URLs, raw HTML, code marks, backslashes and
 * control characters; the words of a link stay. The marks of a numbered list become dashes. */
void claim_strip(const char *text, struct buf *out);

#endif
