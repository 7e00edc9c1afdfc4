/* What became of the faults of a session that was killed: its guard puts them back, or the next
 * chaos-fault does, and that one is asked. */
#ifndef SCENARIO_AFTER_LEFTOVERS_H
#define SCENARIO_AFTER_LEFTOVERS_H

#include "children/child.h"
#include "children/progress.h"
#include "children/reported.h"
#include "conf/config.h"
#include "stream/event.h"

#include <stdio.h>

struct leftovers {
	struct child ls; /* waits for the guard, then looks at the nodes */
	FILE *out;	 /* what it says, or NULL */
};

/* Starts l->ls, with EXIT_RUNTIME if that fails. */
int leftovers_ask(struct leftovers *l, const char *config_path, struct err *e);

/* l->ls has ended: says what it saw, in words and, for what was held, in events. session is the
 * process that was killed. Returns the exit code: EXIT_RESIDUE if not all is put back. */
int leftovers_take(struct leftovers *l, pid_t session, const struct reported *told,
		   const struct config *c, const struct event_sink *events, struct progress *p);
void leftovers_release(struct leftovers *l);

#endif
