/* UTF-8 in untrusted text. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/* The length of the UTF-8 character at s, 0 if there is none (RFC 3629: shortest form, no surrogates,
 * up to U+10FFFF). The NUL counts as a character of length 1. */
size_t utf8_length(const char *s);

/* The length of the byte order mark that a text starts with: 3, or 0 if there is none. Editors and
 * spreadsheets write one; it is no part of the text. */
size_t utf8_mark_length(const char *text, size_t len);

#endif
