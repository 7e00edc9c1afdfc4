/* The larger parts of the report. The caller gets each as a new value. */
#ifndef ANALYZE_OUTPUT_REPORT_PARTS_H
#define ANALYZE_OUTPUT_REPORT_PARTS_H

#include "judge/compare/judgements.h"
#include "options.h"
#include "stream/json.h"

struct json *report_reasons(unsigned set); /* of enum detect_reason */
/* Sets a number of windows in seconds; an integer if it is whole. */
void report_span(struct json *j, const char *key, const struct grid *g, size_t windows);
struct json *report_params(const struct analysis *a);
struct json *report_input(const struct analysis *a);
struct json *report_summary(const struct summary *s, int64_t timeout_ns);
/* ops: of the table of ops, not of nodes. */
struct json *report_nodes(const struct nodes *n, bool ops, const struct grid *g, const struct config *c);
struct json *report_shared(const struct analysis *a); /* requests of more than one fault */
struct json *report_faults(const struct analysis *a, const struct config *c);

/* Sets a latency in ms with three decimals; null if ns is negative. */
void report_ms(struct json *j, const char *key, int64_t ns);
/* err; null if the rows do not tell what failed. */
void report_err(struct json *j, uint64_t err, bool unknown);
void report_percentiles(struct json *j, const struct hist *h);

/* The comparison. */
struct json *report_compare(const struct judgements *v);
struct json *report_phases(const struct analysis *a, const struct judgements *v);
struct json *report_comparison(const struct analysis *a, const struct judgements *v); /* or NULL */
struct json *report_baselines(const struct analysis *a);
struct json *report_availability(const struct analysis *a, const struct judged *of);

/* loads: the analysis of each under its name, which becomes the key "loads". What can be said of all
 * of them stands above: lists in one, each entry with its load; anomaly_windows as their union; a
 * fault and the verdict as the load tells them that it hit worst. Figures of one load are null there. */
struct json *report_join(struct json *loads);

#endif
