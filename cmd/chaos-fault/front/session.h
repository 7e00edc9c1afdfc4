/* A control session: commands on stdin, events on stdout; whatever it holds is put back when
 * its input ends, when it is told to by a signal, or when nobody reads its events. */
#ifndef FAULT_FRONT_SESSION_H
#define FAULT_FRONT_SESSION_H

#include "node/fleet.h"
#include "options.h"
#include "events/report.h"

/* Returns the exit code; 128 and more: die by that signal. */
int session_run(struct fleet *f, struct report *r, const struct options *o);

#endif
