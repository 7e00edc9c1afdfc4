/* Marks in texts of the user: ${env NAME}, or ${env NAME:-TEXT} with what stands for a variable that is not set or is
 * empty. What a mark stands for is for the moment of use: what is stored or shown keeps the mark. $${env stays ${env. */
#ifndef BASE_MARKS_H
#define BASE_MARKS_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

bool marks_in(const char *text);

/* The text with its marks filled in, which the caller frees; value_of is getenv, or NULL: the text as it is. NULL at a
 * mark that is no mark or whose variable is not there; the message has no values. */
char *marks_fill(const char *text, char *(*value_of)(const char *name), struct err *e);

/* The same, with each value as put adds it; its mark is at that place of the text. */
typedef void marks_put(struct buf *out, const char *value, const char *text, size_t at);
char *marks_fill_as(const char *text, char *(*value_of)(const char *name), marks_put *put, struct err *e);

#endif
