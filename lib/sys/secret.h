/* A process that holds a secret. */
#ifndef SYS_SECRET_H
#define SYS_SECRET_H

#include "base/err.h"

#include <stddef.h>

/* From now on this process leaves no core, and others of the same user cannot look into its
 * memory or environment. Children that are exec'ed are as usual. */
void secret_guard(void);

/* A descriptor from which text can be read, which lies nowhere but in memory: to hand a child what
 * must not be seen among its arguments. Closed on exec. -1 on error. */
int secret_fd(const char *text, size_t len, struct err *e);

#endif
