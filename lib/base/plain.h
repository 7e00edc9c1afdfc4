/* Text of others (names, paths, answers, logs) that people will see: without what a terminal obeys
 * instead of showing. One rule for messages, progress, lists, reports, pictures and JSON. */
#ifndef BASE_PLAIN_H
#define BASE_PLAIN_H

#include "base/buf.h"

#include <stdbool.h>

/* The length of the UTF-8 character at s if it may be shown as it is. 0 if it is a control character
 * (C0, DEL, C1), a line separator, a mark that turns the direction of what follows, or no UTF-8; *step
 * is its length then, at least 1. */
size_t plain_char(const char *s, size_t *step);

/* Puts a blank in place of each such character, '?' in place of a byte that is no UTF-8. Never makes a
 * text longer. */
void plain_line(char *text);
/* The same, where newlines and tabs are the program's own. */
void plain_lines(struct buf *text);
void plain_add(struct buf *out, const char *text); /* appends text as plain_line would leave it */

#endif
