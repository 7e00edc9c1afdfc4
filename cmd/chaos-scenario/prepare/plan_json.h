/* The plan for tools, and the blast radius of its faults. */
#ifndef SCENARIO_PREPARE_PLAN_JSON_H
#define SCENARIO_PREPARE_PLAN_JSON_H

#include "prepare/steps/plan.h"

/* How far the faults reach, in a sentence. */
void plan_blast_radius(const struct plan *p, struct buf *out);

/* The plan as one JSON object, schema chaos-plan/1. missing: programs that this machine lacks and the run does
 * without; NULL-terminated. */
void plan_json(const struct plan *p, const char *const *missing, struct buf *out);

#endif
