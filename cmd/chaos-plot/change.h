/* A change between two runs' figures, in words. */
#ifndef PLOT_CHANGE_H
#define PLOT_CHANGE_H

#include "picture.h"
#include "stream/words.h"

enum metric { METRIC_THROUGHPUT, METRIC_P50, METRIC_P95, METRIC_P99, METRIC_ERRORS, METRIC_COUNT };

enum change_sense { CHANGE_UNKNOWN, CHANGE_SMALL, CHANGE_WORSE, CHANGE_BETTER };

struct change {
	double baseline, run;  /* as drawn: per second, ms, percent */
	char words[WORDS_MAX]; /* "−32 %", "×1.8", "+4.1 points" */
	char baseline_words[WORDS_MAX], run_words[WORDS_MAX]; /* values with their unit */
	enum change_sense sense;			      /* small: below 10 % or one point */
};

const char *metric_name(enum metric m);
void change_of(enum metric m, const struct figures *baseline, const struct figures *run,
	       struct change *c);

/* The two were not offered the same rate: their throughputs say nothing about better or worse. */
bool change_other_load(const struct figures *baseline, const struct figures *run);

#endif
