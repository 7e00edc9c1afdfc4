/* The values of the metrics that rules name. */
#ifndef ANALYZE_ANALYSIS_METRICS_H
#define ANALYZE_ANALYSIS_METRICS_H

#include "judge/analysis/analysis.h"
#include "detect/metric.h"
#include "stream/json.h"

struct metric_context {
	const struct analysis *a;
	size_t window;
};

/* For expr_source.get, with a struct metric_context. Without a baseline run, what is of one is unknown. */
struct expr_value metric_of_run(const void *context, unsigned metric, bool baseline);
struct expr_value metric_of_window(const void *context, unsigned metric, bool baseline);

/* A metric of a fault that ends with a recovery; a lower bound if that was not seen. */
struct expr_value metric_of_fault(const struct judged_fault *f, unsigned metric, double window_s);

/* True if a log without failures cannot tell the metric. */
bool metric_of_failures(unsigned metric);

/* True if a closed loop, which waits while others would send, makes the metric too good. */
bool metric_of_sent(unsigned metric);

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
