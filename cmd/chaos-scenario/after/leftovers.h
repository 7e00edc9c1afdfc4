/* What became of the faults of a session that was killed: its guard puts them back, or the next
 * chaos-fault does, and that one is asked. */
#ifndef SCENARIO_AFTER_LEFTOVERS_H
#define SCENARIO_AFTER_LEFTOVERS_H

#include "conduct/run.h"

/* The session has died with something held: starts r->look, which waits for the guard. */
int leftovers_ask(struct run *r, struct err *e);

/* r->look has ended: says what it saw, in words and events; r->code is EXIT_RESIDUE if not all is
 * put back. */
void leftovers_take(struct run *r);

#endif
