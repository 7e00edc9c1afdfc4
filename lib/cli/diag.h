/* Messages to the user, on stderr: "chaos-load: cannot open 'x': reason". */
#ifndef CLI_DIAG_H
#define CLI_DIAG_H

#include "base/err.h"

/* Sets the name that starts each line. Call once, first thing in main. */
void diag_program(const char *name);

void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Clears what a terminal shows from the cursor on: before output to it, since another program's progress
 * may stand there. */
void diag_clear_line(void);

/* Prints the message of e and returns its exit code. */
int diag_err(const struct err *e);

#endif
