/* Checks with chaos-load that it would accept the plan's loads. */
#ifndef SCENARIO_PREPARE_LOAD_CHECK_H
#define SCENARIO_PREPARE_LOAD_CHECK_H

#include "children/child.h"
#include "prepare/steps/plan.h"

/* Adds the options of a load, as far as they follow from the plan; the program is the caller's. It reads URLs from
 * urls_fd, since arguments are visible to all users. */
void load_session(struct args *a, const struct plan *p, const struct plan_load *l, int urls_fd);
/* The last option of that name, of the load or else of the defaults; NULL: there is none. */
const char *load_option(const struct plan *p, const struct plan_load *l, const char *name);
bool load_is_redis(const struct plan_load *l);
/* Whether the load's writes are for chaos-audit, and what it is told of them. */
bool load_audited(const struct plan *p, const struct plan_load *l);
void load_audit_options(struct args *a, const struct plan *p, const struct plan_load *l);
/* When it gives a request up. */
int64_t load_timeout_ns(const struct plan *p, const struct plan_load *l);
/* A descriptor with the URLs of a load, or -1. */
int load_urls(const struct plan_load *l, struct err *e);

/* Runs 'chaos-load --check' for each load, also those that no action starts, which sends nothing. -1 with the place of what it refused. */
int load_check(const struct plan *p, struct err *e);

#endif
