/* What chaos-audit found of a run's writes. */
#ifndef ANALYZE_ANALYSIS_AUDIT_H
#define ANALYZE_ANALYSIS_AUDIT_H

#include "detect/expr.h"
#include "input/run.h"

/* The metric lost_writes: unknown without an audit, or if it could not decide. */
struct expr_value audit_lost_writes(const struct run_data *r);

/* Why it is unknown. */
const char *audit_why_unknown(const struct run_data *r);

/* Whether there is one that could not decide. */
bool audit_in_doubt(const struct run_data *r);

/* The counts and the verdict; NULL without an audit. */
struct json *audit_json(const struct run_data *r);

#endif
