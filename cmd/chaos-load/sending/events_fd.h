/* Where --events goes. */
#ifndef LOAD_SENDING_EVENTS_FD_H
#define LOAD_SENDING_EVENTS_FD_H

#include "base/err.h"

/* Opens FILE for appending, or takes N of "fd:N", an inherited descriptor. NULL gives *fd = -1.
 * Returns 0, or -1 with EXIT_USAGE. */
int events_open(const char *where, int *fd, struct err *e);

#endif
