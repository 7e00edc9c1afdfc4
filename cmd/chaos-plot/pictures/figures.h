/* The figures of a run and of its baseline, and what has changed from one to the other. */
#ifndef PLOT_PICTURES_FIGURES_H
#define PLOT_PICTURES_FIGURES_H

#include "pictures/change.h"
#include "options.h"
#include "input/source.h"

/* From an analysis of these two runs where there is one; else from what each comes to by itself. load: a
 * clause if they were not offered the same rate, else "". */
void figures_find(const struct options *o, const struct source *run, const struct source *baseline,
		  struct change all[static METRIC_COUNT], const char **load);

#endif
