/* The larger parts of the analysis as JSON. The caller gets each as a new value. */
#ifndef ANALYZE_OUTPUT_JSON_PARTS_H
#define ANALYZE_OUTPUT_JSON_PARTS_H

#include "judge/compare/judgements.h"
#include "options.h"
#include "stream/json.h"

struct json *reasons_json(unsigned set); /* of enum detect_reason */
/* Sets a number of windows in seconds; an integer if it is whole. */
void put_span(struct json *j, const char *key, const struct grid *g, size_t windows);
struct json *params_json(const struct analysis *a);
struct json *input_json(const struct analysis *a);
struct json *summary_json(const struct summary *s, int64_t timeout_ns);
/* ops: of the table of ops, not of nodes. */
struct json *nodes_json(const struct nodes *n, bool ops, const struct grid *g, const struct config *c);
struct json *shared_json(const struct analysis *a); /* requests of more than one fault */
struct json *faults_json(const struct analysis *a, const struct config *c);

/* Sets a latency in ms with three decimals; null if ns is negative. */
void put_ms(struct json *j, const char *key, int64_t ns);
/* err; null if the rows do not tell what failed. */
void put_err(struct json *j, uint64_t err, bool unknown);
void put_percentiles(struct json *j, const struct hist *h);

/* The comparison. */
struct json *compare_json(const struct judgements *v);
struct json *phases_json(const struct analysis *a, const struct judgements *v);
struct json *comparison_json(const struct analysis *a, const struct judgements *v); /* or NULL */
struct json *baselines_json(const struct analysis *a);
struct json *availability_json(const struct analysis *a, const struct judged *of);

/* loads: the analysis of each under its name, which becomes the key "loads". What can be said of all
 * of them stands above: lists in one, each entry with its load; anomaly_windows as their union; a
 * fault and the verdict as the load tells them that it hit worst. Figures of one load are null there. */
struct json *join_json(struct json *loads);

#endif
