/* Loads that come from other places, by chaos-spread. */
#ifndef SCENARIO_PREPARE_LOAD_PLACES_H
#define SCENARIO_PREPARE_LOAD_PLACES_H

#include "prepare/steps/plan.h"
#include "sys/args.h"

/* Adds the command line of chaos-spread, to which its other options may be added: it takes along the file at urls_fd,
 * those that the options of the load name, and requests, unless that is NULL. */
void places_session(struct args *a, const struct plan *p, const struct plan_load *l, int urls_fd, const char *requests);
/* Then the load's, to which its options are added. */
void places_command(struct args *a, const struct plan *p, const struct plan_load *l);
/* Runs 'chaos-spread --check' for each load with places; warns of addresses that mean another machine there. -1 with
 * the place of what cannot be done. */
int places_check(struct plan *p, struct err *e);

#endif
