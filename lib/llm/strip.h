/* Removes from a model's text what a reader's program could follow, load or run. */
#ifndef LLM_STRIP_H
#define LLM_STRIP_H

#include "base/buf.h"

/* Appends a paragraph without images, link targets, URLs, raw HTML, code marks, backslashes and
 * control characters; the words of a link stay. Numbers of a list become dashes. */
void strip_markup(const char *text, struct buf *out);

#endif
