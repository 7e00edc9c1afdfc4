/* Changes between the figures of two runs, in words. */
#ifndef PLOT_INPUT_CHANGE_H
#define PLOT_INPUT_CHANGE_H

#include "stream/json.h"
#include "report/facts/words.h"

enum metric { METRIC_THROUGHPUT, METRIC_P50, METRIC_P95, METRIC_P99, METRIC_ERRORS, METRIC_COUNT };

enum change_sense { CHANGE_NONE, CHANGE_UNSURE, CHANGE_WORSE };

struct change {
	double baseline, run;  /* as drawn: per second, ms, percent; NaN if unknown */
	char words[WORDS_MAX]; /* "−32 %", "×1.8", "+4.1 points", "−5 % for its load" */
	char baseline_words[WORDS_MAX], run_words[WORDS_MAX]; /* values with their unit */
	enum change_sense sense;
	double ratio, low, high, tolerance; /* of the baseline; NaN where a ratio means nothing */
};

const char *metric_name(enum metric m);

/* The changes of an analysis that compares the two. The sense of a change is its verdict: fail is
 * worse, inconclusive is unsure, pass is no statement. */
void changes_of(const struct json *analysis, struct change all[static METRIC_COUNT]);

/* Why the two cannot be compared: other protocols, other requests, another load; NULL if they can. The caller
 * frees. */
char *change_incomparable(const struct json *analysis, const struct json *baseline);

#endif
