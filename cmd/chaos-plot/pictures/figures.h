/* Figures of a run and its baseline, and the changes between them. */
#ifndef PLOT_PICTURES_FIGURES_H
#define PLOT_PICTURES_FIGURES_H

#include "input/change.h"
#include "options.h"
#include "input/source.h"

/* From an analysis of the two runs if there is one, else from their separate analyses. load: a
 * clause if the offered rates differ, else "". */
void figures_find(const struct options *o, const struct source *run, const struct source *baseline,
		  struct change all[static METRIC_COUNT], const char **load);

#endif
