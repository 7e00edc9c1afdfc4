/* One audit, from the rows to the verdict. */
#ifndef AUDIT_RUN_H
#define AUDIT_RUN_H

#include "base/buf.h"
#include "options.h"

/* Appends the object, or with --text the line. Returns the verdict's exit code, or -1 with an error. */
int run(const struct options *o, struct buf *out, struct err *e);

#endif
