/* Text of others (names, paths, answers, logs): its UTF-8, and how it is shown: without what a terminal obeys
 * instead of showing. One rule for messages, progress, lists, reports, pictures and JSON. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"

#include <stdbool.h>

/* The length of the UTF-8 character at s, 0 if there is none (RFC 3629: shortest form, no surrogates,
 * up to U+10FFFF). The NUL counts as a character of length 1. */
size_t utf8_length(const char *s);

/* The length of the byte order mark that a text starts with: 3, or 0 if there is none. Editors and
 * spreadsheets write one; it is no part of the text. */
size_t utf8_mark_length(const char *text, size_t len);

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

/* True if word is one of words, which stand apart by mark. */
bool text_has_word(const char *words, char mark, const char *word);

enum { NAME_LETTERS_MAX = 64 };

/* True if s is 1 to NAME_LETTERS_MAX of A-Z a-z 0-9 . _ - and so is safe in files, CSV and HTTP. */
bool name_is_plain(const char *s);

#endif
