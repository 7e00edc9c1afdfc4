/* Messages to the user, on stderr: "chaos-load: cannot open 'x': reason". */
#ifndef CLI_DIAG_H
#define CLI_DIAG_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Sets the name that starts each line. Call once, first thing in main. */
void diag_program(const char *name);

/* What the next messages are about, named in front of each; NULL: nothing in particular. It must outlive
 * them. */
void diag_about(const char *what);

/* From now on no message waits for a reader of stderr that has stalled: a program that must go on
 * drops what is not read. How much that was is told when it is read again. */
void diag_never_wait(void);

/* False if writing to stderr would wait for its reader, and may not. */
bool diag_writable(void);

void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Clears what a terminal shows from the cursor on, also below: before output to it, since another program's progress
 * may stand there. */
void diag_clear_line(void);

/* Columns of the terminal on stderr; otherwise if there is none. */
size_t diag_columns(size_t otherwise);
size_t diag_rows(size_t otherwise);

/* Prints the message of e and returns its exit code. */
int diag_err(const struct err *e);

#endif
