/* A process that holds a secret. */
#ifndef SYS_SECRET_H
#define SYS_SECRET_H

#include "base/err.h"

#include <stddef.h>

/* Disables core dumps, and hides memory and environment from other processes of the user. Not
 * inherited through exec. */
void secret_guard(void);

/* An in-memory file with the text, to pass a secret to a child without showing it in the arguments.
 * Closed on exec. -1 on error. */
int secret_fd(const char *text, size_t len, struct err *e);

#endif
