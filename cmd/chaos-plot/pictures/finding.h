/* Faults and anomalies of a run, and the title of its throughput picture. */
#ifndef PLOT_PICTURES_FINDING_H
#define PLOT_PICTURES_FINDING_H

#include "input/source.h"

/* Fills marks (faults, anomalies, gaps) from the given analysis, else from that of chaos-analyze,
 * else from window lines and events. */
void finding_make(const struct source *s, struct marks *m);

/* The line that the report begins with. The caller frees. */
char *finding_title(const struct source *s, const struct marks *m);

#endif
