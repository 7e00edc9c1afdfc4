/* Bars of the faults, from an analysis or from events. */
#ifndef PLOT_INPUT_FAULTS_H
#define PLOT_INPUT_FAULTS_H

#include "input/series.h"
#include "stream/event.h"

/* Adds a bar for every fault of the log, in order of their start. */
void faults_from_events(struct marks *m, const struct event_log *log, double t0_s);

/* The same from the faults of an analysis. */
void faults_from_analysis(struct marks *m, const struct json *faults);

#endif
