/* Faults and anomalies of a run, and the title of its throughput picture. */
#ifndef PLOT_PICTURES_FINDING_H
#define PLOT_PICTURES_FINDING_H

#include "base/err.h"
#include "options.h"
#include "input/source.h"

/* Results beside the marks. */
struct outcome {
	bool looked;	   /* anomaly detection was done */
	bool judged;	   /* at least one second was judged */
	bool censored;	   /* an anomaly without recovery before the end of the run */
	double warmup_s;   /* seconds at the start that were not judged */
	double recovery_s; /* from the fault, else from the first anomalous second; NaN if unknown */
};

/* Fills marks (faults, anomalies, gaps) and the outcome from the given analysis, else from that
 * of chaos-analyze, else from window lines and events. */
void finding_make(const struct source *s, struct marks *m, struct outcome *out);

/* The caller frees. */
char *finding_title(const struct source *s, const struct marks *m, const struct outcome *out);

#endif
