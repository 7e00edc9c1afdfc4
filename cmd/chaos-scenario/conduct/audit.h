/* Between the end of the load and the end of the nodes: the faults are lifted and chaos-audit reads
 * back the marks of the audited load, into audit.json. */
#ifndef SCENARIO_CONDUCT_AUDIT_H
#define SCENARIO_CONDUCT_AUDIT_H

#include "conduct/run.h"

/* Begins the stage and lifts the faults, which takes put_back_ns at most. 1: it has begun; 0: no load is
 * audited, or the run failed or was stopped. */
int audit_begin(struct run *r, int64_t put_back_ns, struct err *e);
/* Starts chaos-audit as soon as no fault is held. */
int audit_go_on(struct run *r, struct err *e);
/* It has ended: keeps what it wrote. */
int audit_take(struct run *r, struct err *e);

#endif
