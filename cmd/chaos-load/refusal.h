/* What is wrong with the options, files and URLs. */
#ifndef LOAD_REFUSAL_H
#define LOAD_REFUSAL_H

#include "options.h"

/* Says so on stderr, and with --check and --events as an event too. request_line: the line of
 * --requests that is wrong, or 0. Returns the exit code. */
int refuse(const struct load_opts *o, int request_line, const struct err *e);

#endif
