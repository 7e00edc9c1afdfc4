/* The metrics that rules may name, and the rules of each kind. */
#ifndef DETECT_METRIC_H
#define DETECT_METRIC_H

#include "detect/expr.h"

enum metric {
	/* Of a window, a summary or a run. */
	METRIC_THROUGHPUT, METRIC_ERROR_RATE, METRIC_P50, METRIC_P95, METRIC_P99, METRIC_MAX, METRIC_LOST,
	METRIC_OF_WINDOWS,
	/* Of a summary or a run. */
	METRIC_P50_ALL = METRIC_OF_WINDOWS, METRIC_P95_ALL, METRIC_P99_ALL, METRIC_ERR, METRIC_DUE,
	METRIC_OF_SUMMARIES,
	/* Of a run, or of the faults of a phase. */
	METRIC_RECOVERY = METRIC_OF_SUMMARIES, METRIC_BLACKOUT, METRIC_LOST_REQUESTS, METRIC_OUTAGE, METRIC_DETECT,
	METRIC_FIRST_ERROR, METRIC_RELAPSES, METRIC_AFTER_REVERT, METRIC_ERRORS_OVER, METRIC_LATENCY_OVER,
	METRIC_OF_FAULTS,
	METRIC_ANOMALOUS = METRIC_OF_FAULTS, /* of a run or a phase */
	METRIC_LOST_WRITES,		     /* of an audited run */
	METRIC_OF_PHASES,
	/* Of a run. */
	METRIC_DROP = METRIC_OF_PHASES, METRIC_REQUEST, METRIC_TIME, METRIC_YIELD, METRIC_BUDGET, METRIC_BURN,
	/* Of a run that is still going on. */
	METRIC_SILENCE,
	METRIC_COUNT
};

/* For expr_parse; NULL at the end. */
extern const char *const metric_names[METRIC_COUNT + 1];

enum rule_kind {
	RULE_GATE,   /* of a whole run; must be false */
	RULE_STOP,   /* of a run that goes on: ends it when it is true */
	RULE_EXPECT, /* of a phase or a fault; must be true. "recovered within 15s" is one too */
	RULE_STEADY, /* of the time before the first fault; must be true */
};

/* Parses a rule without the load's name. -1 (EXIT_USAGE) also if a rule of that kind cannot use one
 * of its metrics. */
int rule_parse(struct expr *x, const char *text, enum rule_kind kind, bool has_baseline, struct err *e);

/* The length of NAME in a rule for one load, "NAME:error_rate > 0.05"; 0 if it is for each. */
size_t rule_load_len(const char *text);
/* Whether a rule is for the load of that name (NULL: it has none): its own, or that of all. */
bool rule_is_for(const char *rule, const char *load);
/* What follows the load's name. */
const char *rule_of_load(const char *text);

#endif
