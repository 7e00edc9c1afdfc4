/* A change between two runs' figures, in words. */
#ifndef PLOT_PICTURES_CHANGE_H
#define PLOT_PICTURES_CHANGE_H

#include "stream/json.h"
#include "report/words.h"

#include <stdbool.h>

enum metric { METRIC_THROUGHPUT, METRIC_P50, METRIC_P95, METRIC_P99, METRIC_ERRORS, METRIC_COUNT };

/* Percentiles are of successes in ms, rates are 0-1; NaN if unknown. */
struct figures {
	double throughput_rps, p50_ms, p95_ms, p99_ms, error_rate;
	double offered_rps;
};

enum change_sense { CHANGE_UNKNOWN, CHANGE_SMALL, CHANGE_UNSURE, CHANGE_WORSE, CHANGE_BETTER };

struct change {
	double baseline, run;  /* as drawn: per second, ms, percent */
	char words[WORDS_MAX]; /* "−32 %", "×1.8", "+4.1 points", "−5 % for its load" */
	char baseline_words[WORDS_MAX], run_words[WORDS_MAX]; /* values with their unit */
	enum change_sense sense;
};

const char *metric_name(enum metric m);

/* The verdicts of an analysis of the two are the senses: fail is worse, pass says nothing,
 * inconclusive is unsure. Without one (NULL, or it does not compare), a change is better or worse
 * from 10 % (errors: one point) on. */
void changes_of(const struct figures *baseline, const struct figures *run,
		const struct json *analysis, struct change all[static METRIC_COUNT]);

/* The two were not offered the same rate: their throughputs say nothing about better or worse. */
bool change_other_load(const struct figures *baseline, const struct figures *run);

#endif
