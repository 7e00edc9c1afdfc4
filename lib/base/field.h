/* Texts of others in fields of a fixed size: what is longer is refused, never cut. */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include "base/err.h"

#include <stddef.h>

/* Copies text, or "" for NULL: -1 if it does not fit, with what it is, EXIT_USAGE; the field is "" then. */
int field_put(char *field, size_t size, const char *text, const char *what, struct err *e);

#endif
