/* The rules of a scenario: whether they are ones, and how the events tell of them. */
#ifndef SCENARIO_PREPARE_RULES_H
#define SCENARIO_PREPARE_RULES_H

#include "prepare/steps/plan.h"
#include "stream/json.h"

/* -1 with EXIT_USAGE and the place of the first that is wrong, or that identical runs of the baseline would miss.
 * baseline_id may be NULL. */
int rules_check(const struct plan *p, const char *runs_dir, const char *baseline_id, struct err *e);

/* The expectations for the event run_start: text, phase, index of the phase; line: of the command to
 * chaos-fault that injects the fault it is for, or null. The caller frees. */
struct json *rules_expectations(const struct plan *p);

#endif
