/* --control --check: whether a session would obey the lines of its input, without the session. */
#ifndef FAULT_FRONT_REHEARSAL_H
#define FAULT_FRONT_REHEARSAL_H

#include "events/report.h"
#include "node/fleet.h"

/* Reads standard input to its end, follows the commands in the order of their times, and answers
 * each line on standard output: EVENT_CHECKED with what it comes to, or EVENT_ERROR. Nodes are as
 * they are now; those of the mode that the session would bring up (NULL: none) are up. Touches
 * nothing. Returns the exit code: EXIT_USAGE if a line was refused. */
int rehearsal_run(struct fleet *f, struct report *r, const char *bring_up);

#endif
