/* The run window by window, as JSON Lines: chaos-windows/1, see chaos-formats(5). */
#ifndef ANALYZE_WINDOWS_H
#define ANALYZE_WINDOWS_H

#include "analysis.h"
#include "base/buf.h"

/* Appends the lines: each window, and behind the window that told it, that an interval
 * opened or closed. */
void windows_write(const struct analysis *a, struct buf *out);

#endif
