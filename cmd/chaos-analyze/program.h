/* From files to the report on stdout. */
#ifndef ANALYZE_PROGRAM_H
#define ANALYZE_PROGRAM_H

#include "options.h"

/* Returns the exit code; errors have been printed. */
int program_run(const struct options *o);

#endif
