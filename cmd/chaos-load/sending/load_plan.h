/* The schedule that the options describe. */
#ifndef LOAD_SENDING_LOAD_PLAN_H
#define LOAD_SENDING_LOAD_PLAN_H

#include "options.h"
#include "sending/control.h"
#include "sending/pacer.h"

/* Before pacer_start. */
void load_plan_fill(const struct load_opts *o, struct pacer *p);
/* An event for each of its rates, when it takes effect. */
void load_plan_announce(const struct load_opts *o, struct control *c);

#endif
