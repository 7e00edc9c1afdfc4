/* A control session: commands on stdin, events on stdout. It puts back all its faults when its
 * input ends, on a signal, or when the reader of its events is gone. */
#ifndef FAULT_FRONT_SESSION_H
#define FAULT_FRONT_SESSION_H

#include "node/fleet.h"
#include "options.h"
#include "events/emit.h"

/* Returns the exit code; 128 and more: die by that signal. */
int session_run(struct fleet *f, struct emitter *r, const struct options *o);

#endif
