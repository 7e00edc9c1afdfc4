/* What identical runs of a baseline differ by, as chaos-scenario --repeat has written it down. */
#ifndef SCENARIO_PREPARE_IDENTICAL_H
#define SCENARIO_PREPARE_IDENTICAL_H

#include "base/err.h"
#include "detect/expr.h"

struct identical;

/* The trials of the baseline run ID.N, or of the repeat ID. NULL if it is none of a repeat. The caller frees. */
struct identical *identical_read(const char *runs_dir, const char *baseline_id);
void identical_free(struct identical *i); /* accepts NULL */

/* -1, and in e why, if an expectation is missed by one of two identical runs with the other as its baseline. The
 * figures are those of whole runs. */
int identical_check(const struct identical *i, const struct expr *x, struct err *e);

#endif
