/* Names that users give to nodes and runs. */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include <stdbool.h>

enum { NAME_LETTERS_MAX = 64 };

/* True if s is 1 to NAME_LETTERS_MAX of A-Z a-z 0-9 . _ - and so is safe in files, CSV and HTTP. */
bool name_is_plain(const char *s);

#endif
