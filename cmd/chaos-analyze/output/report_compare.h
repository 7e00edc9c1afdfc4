/* The comparison in the report. The caller gets each part as a new value. */
#ifndef ANALYZE_OUTPUT_REPORT_COMPARE_H
#define ANALYZE_OUTPUT_REPORT_COMPARE_H

#include "judge/judgements.h"
#include "options.h"
#include "stream/json.h"

struct json *report_compare(const struct judgements *v);
struct json *report_phases(const struct analysis *a, const struct judgements *v);
struct json *report_comparison(const struct analysis *a, const struct judgements *v); /* or NULL */
struct json *report_baselines(const struct analysis *a, const struct options *o);
struct json *report_availability(const struct analysis *a, const struct judged *of);

#endif
