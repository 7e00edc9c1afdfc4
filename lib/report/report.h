/* The plain report: an analysis in Markdown. The same input gives the same text. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "report/sections/sections.h"

void report_markdown(const struct report *r);

#endif
