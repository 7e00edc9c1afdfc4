/* Bars of the faults, from events or, without any, from an analysis. */
#ifndef PLOT_FAULTS_H
#define PLOT_FAULTS_H

#include "series.h"
#include "stream/event.h"

/* Adds a bar for every fault of the log, in order of their start. */
void faults_from_events(struct marks *m, const struct event_log *log, double t0_s);

#endif
