/* What happened, in one line: the title of the throughput picture. */
#ifndef PLOT_PICTURES_FINDING_H
#define PLOT_PICTURES_FINDING_H

#include "base/err.h"
#include "options.h"
#include "input/source.h"

/* What is known about a run beyond its seconds. */
struct outcome {
	bool looked;	   /* for anomalies */
	bool judged;	   /* there was a second to look at */
	bool censored;	   /* there was one, and no recovery within the run */
	double warmup_s;   /* so much of the start was not judged */
	double recovery_s; /* from the fault (else the first anomalous second); NaN if unknown */
};

/* Fills marks (faults, anomalies, gaps) and the outcome: from the analysis that was given, else from
 * the one found, else from the window lines and events. */
void finding_make(const struct source *s, struct marks *m, struct outcome *out);

/* The caller frees. */
char *finding_title(const struct source *s, const struct marks *m, const struct outcome *out);

#endif
