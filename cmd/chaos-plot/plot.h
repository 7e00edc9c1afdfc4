/* From options to a script. */
#ifndef PLOT_H
#define PLOT_H

#include "base/buf.h"
#include "options.h"

/* Appends the script that o asks for to out. */
int plot_make(const struct options *o, struct buf *out, struct err *e);

#endif
