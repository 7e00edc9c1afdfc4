/* The metrics that rules may name, and their values. */
#ifndef ANALYZE_JUDGE_METRICS_H
#define ANALYZE_JUDGE_METRICS_H

#include "detect/expr.h"
#include "judge/analysis.h"
#include "stream/json.h"

enum metric {
	/* Of a window, a summary or a run. */
	METRIC_THROUGHPUT, METRIC_ERROR_RATE, METRIC_P50, METRIC_P95, METRIC_P99, METRIC_MAX, METRIC_LOST,
	METRIC_OF_WINDOWS,
	/* Of a summary or a run. */
	METRIC_P50_ALL = METRIC_OF_WINDOWS, METRIC_P95_ALL, METRIC_P99_ALL, METRIC_ERR, METRIC_DUE,
	METRIC_OF_SUMMARIES,
	/* Of a run. */
	METRIC_RECOVERY = METRIC_OF_SUMMARIES, METRIC_DROP, METRIC_REQUEST, METRIC_TIME, METRIC_YIELD,
	METRIC_BLACKOUT, METRIC_LOST_REQUESTS, METRIC_OUTAGE, METRIC_DETECT, METRIC_FIRST_ERROR,
	METRIC_RELAPSES, METRIC_AFTER_REVERT, METRIC_ERRORS_OVER, METRIC_LATENCY_OVER, METRIC_ANOMALOUS, METRIC_BUDGET, METRIC_BURN,
	/* Of a run that is still going on. */
	METRIC_SILENCE,
	METRIC_COUNT
};

/* For expr_parse; NULL at the end. */
extern const char *const metric_names[METRIC_COUNT + 1];

/* Parses a gate or a stop rule. -1 (EXIT_USAGE) also if a rule of that kind cannot use one of its
 * metrics. */
int metric_rule_parse(struct expr *x, const char *text, bool stop_rule, bool has_baseline, struct err *e);

struct metric_context {
	const struct analysis *a;
	size_t window;
};

/* For expr_source.get, with a struct metric_context. */
struct expr_value metric_of_run(const void *context, unsigned metric, bool baseline);
struct expr_value metric_of_window(const void *context, unsigned metric, bool baseline);

/* True if the metric depends on which windows are anomalous; if it is the duration of an outage. */
bool metric_from_anomalies(unsigned metric);
bool metric_is_outage_time(unsigned metric);

/* null unless the value is known exactly. */
void metric_set_value(struct json *j, const char *key, struct expr_value v);

/* metric: below METRIC_OF_SUMMARIES. */
double metric_of_summary(const struct summary *s, unsigned metric);

/* metric: METRIC_P50 to METRIC_MAX. NaN if the histogram is empty. */
double metric_of_latencies(const struct hist *h, unsigned metric);

#endif
