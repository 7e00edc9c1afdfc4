/* The window lines of chaos-analyze --windows as a source. */
#ifndef PLOT_INPUT_WINDOWS_H
#define PLOT_INPUT_WINDOWS_H

#include "base/err.h"
#include "input/series.h"

#include <stddef.h>

/* Reads them; of several lines for one window or one anomaly the last wins. -1 if a line is not
 * JSON, with "name:line:…" (EXIT_USAGE); a torn last line is dropped. */
int windows_read(struct series *s, struct told *told, const char *text, size_t len,
		 const char *name, struct err *e);

#endif
