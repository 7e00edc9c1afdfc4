/* An analysis as a screenful of text for a terminal: the plain report's title, tables and findings. */
#ifndef REPORT_SCREEN_H
#define REPORT_SCREEN_H

#include "base/buf.h"
#include "stream/json.h"

void report_screen(const struct json *analysis, struct buf *out);

#endif
