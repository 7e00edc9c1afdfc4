/* The nodes that the words of a scenario or a load stand for, and the loads that an action is about. */
#ifndef SCENARIO_PREPARE_TARGETS_H
#define SCENARIO_PREPARE_TARGETS_H

#include "prepare/steps/plan.h"

/* Adds the nodes, in the order of the config. -1 with the place in file. */
int targets_resolve(struct plan *p, const char *file, const struct placed *targets, size_t count,
		    struct node_set *set, struct err *e);

void node_set_add(struct node_set *set, const struct node_conf *n); /* once */
/* All nodes of the plan's mode, or those of the user's list. */
void node_set_add_mode(struct node_set *set, const struct plan *p, bool listed);

/* The loads that the action starts or changes, from *first to before *end; adds one that is new. */
int plan_loads_of(struct plan *p, const struct scenario_action *a, size_t *first, size_t *end,
		  struct err *e);
/* Where the load comes from, as configured; NULL: from here. */
const struct placed *load_on(const struct plan *p, const struct plan_load *l);
/* Adds a warning, which the plan takes over, once. */
void plan_warn(struct plan *p, char *text);
/* Warns of nodes that announce another address than that of the proxy before them. */
void targets_warn(struct plan *p);

/* Adds the loads that no action starts. */
int plan_add_unused(struct plan *p, struct err *e);

#endif
