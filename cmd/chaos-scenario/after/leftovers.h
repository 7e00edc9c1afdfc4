/* After a fault session was killed: asks 'chaos-fault ls' whether all its faults are put back, by
 * its guard or by that chaos-fault itself. */
#ifndef SCENARIO_AFTER_LEFTOVERS_H
#define SCENARIO_AFTER_LEFTOVERS_H

#include "children/child.h"
#include "children/heard.h"
#include "children/progress.h"
#include "conf/config.h"
#include "stream/event.h"

#include <stdio.h>

struct leftovers {
	struct child ls; /* chaos-fault ls, which waits for the guard */
	FILE *out;	 /* its standard output, or NULL */
};

/* Starts l->ls, with EXIT_RUNTIME if that fails. */
int leftovers_ask(struct leftovers *l, const char *config_path, struct err *e);

/* Once l->ls has ended: prints whether the faults of the killed process session are put back, and
 * if so writes their reverted events. Returns the exit code: EXIT_RESIDUE if not all are. */
int leftovers_take(struct leftovers *l, pid_t session, const struct heard *told,
		   const struct config *c, const struct event_sink *events, struct progress *p);
void leftovers_release(struct leftovers *l);

#endif
