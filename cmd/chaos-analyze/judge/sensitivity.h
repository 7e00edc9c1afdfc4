/* What the numbers are: the metrics that rules may name, and how far they can be relied on. */
#ifndef ANALYZE_JUDGE_SENSITIVITY_H
#define ANALYZE_JUDGE_SENSITIVITY_H

#include "judge/analysis.h"
#include "detect/expr.h"

/* In the order of metric_names: those known of each window, then those of each summary, then those
 * of the run. */
enum { METRIC_WINDOW_COUNT = 7, METRIC_SUMMARY_COUNT = 12 };
extern const char *const metric_names[];

struct metric_context {
	const struct analysis *a;
	size_t window;
};

/* For expr_source.get, with a struct metric_context. */
struct expr_value metric_of_run(const void *context, unsigned metric, bool baseline);
struct expr_value metric_of_window(const void *context, unsigned metric, bool baseline);

/* Whether a metric is of the run and its baseline together, and there is none of a baseline alone. */
bool metric_is_of_two(unsigned metric);

/* Whether a metric is told from the anomalies, and whether it is a time that an outage took. */
bool metric_from_anomalies(unsigned metric);
bool metric_is_outage_time(unsigned metric);

/* One of the first METRIC_SUMMARY_COUNT. */
double metric_of_summary(const struct summary *s, unsigned metric);

struct sensitivity {
	double shortest_outage_s; /* a total outage so long is seen wherever it lies; NaN if unknown */
	double false_alarm_bound; /* of healthy runs raise one, at most about; NaN if unknown */
	bool may_be_chance;	  /* more than a tenth would, and no anomaly is much beyond that */
	bool baseline_short;	  /* fewer than 20 windows tell what is normal */
	bool baseline_unstable;	  /* the normal itself wanders by more than 15 % over 16 windows */
	bool generator_unsound;	  /* the load generator says so itself */
	bool baseline_unsound;	  /* that of a baseline run does */
	bool baseline_unhealthy;  /* more of the normal requests failed than is allowed */
	bool closed_loop;	  /* fewer requests were offered when fewer succeeded */
};

struct sensitivity sensitivity_of(const struct analysis *a);

#endif
