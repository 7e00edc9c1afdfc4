/* The schedule that the options describe. */
#ifndef LOAD_SENDING_LOAD_PLAN_H
#define LOAD_SENDING_LOAD_PLAN_H

#include "options.h"
#include "sending/control.h"
#include "sending/pacer.h"

/* Sets the bounds that the options leave open, so that no request waits in this program: as many
 * under way as fall due within a timeout, and a connection for each, as far as descriptors go.
 * Unlike given ones, which the nodes share, these are for each node, unless the descriptors are too
 * few. more_nodes: a topology will tell of others. */
void load_plan_bounds(struct load_opts *o, size_t nodes, bool more_nodes);

/* Before pacer_start. */
void load_plan_fill(const struct load_opts *o, struct pacer *p);
/* An event for each of its rates, when it takes effect. */
void load_plan_announce(const struct load_opts *o, struct control *c);

#endif
