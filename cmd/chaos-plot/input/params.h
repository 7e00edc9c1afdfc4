/* What is judged by, where no analysis tells. */
#ifndef PLOT_INPUT_PARAMS_H
#define PLOT_INPUT_PARAMS_H

#include "base/err.h"
#include "options.h"
#include "detect/detect.h"

/* From the config named by the user, else the run's own copy of it, else config.yaml, else the
 * defaults. */
int params_read(const struct options *o, struct detect_params *p, struct err *e);

#endif
