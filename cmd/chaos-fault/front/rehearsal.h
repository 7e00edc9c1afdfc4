/* --control --check: whether a session would accept the lines of its input. */
#ifndef FAULT_FRONT_REHEARSAL_H
#define FAULT_FRONT_REHEARSAL_H

#include "events/emit.h"
#include "node/fleet.h"

/* Reads standard input to its end, checks the commands in the order of their times, and writes an
 * EVENT_CHECKED or EVENT_ERROR for each line to standard output. Nodes begin in their present
 * state, or up if the session would bring them up. Touches nothing. Returns the exit code:
 * EXIT_USAGE if a line was refused. */
int rehearsal_run(struct fleet *f, struct emitter *r);

#endif
