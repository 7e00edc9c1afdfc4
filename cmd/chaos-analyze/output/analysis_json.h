/* The analysis as JSON: schema/analysis.schema.json, chaos-analyze/1. */
#ifndef ANALYZE_OUTPUT_ANALYSIS_JSON_H
#define ANALYZE_OUTPUT_ANALYSIS_JSON_H

#include "options.h"
#include "judge/verdict/expectations.h"
#include "judge/verdict/finding.h"

/* Keys come in one order and numbers are rounded, so that the same input gives the same bytes. code: the
 * exit code by what was found. */
struct json *analysis_json(const struct finding *all, size_t count, const struct expectations *x, int code,
			   const struct options *o);

#endif
