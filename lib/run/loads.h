/* The loads of a run: the one of samples.csv and load.json, or each with samples.LOAD.csv and
 * load.LOAD.json. */
#ifndef RUN_LOADS_H
#define RUN_LOADS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct run_loads {
	char **names; /* in the order of the alphabet; the only load of a run has NULL; owned */
	size_t count;
	char *odd; /* a file beside these, whose samples are of no load that can be named; or NULL; owned */
};

/* Looks into the folder runs_dir/id. With samples.csv, or without any samples, there is one load. */
void run_loads_find(struct run_loads *l, const char *runs_dir, const char *id);
/* -1 if there is an odd file: what it tells would be missing. */
int run_loads_check(const struct run_loads *l, struct err *e);
void run_loads_release(struct run_loads *l); /* accepts a zeroed one */

/* Whether nothing came of the run runs_dir/id, which is not in progress: it has no analysis, and no row, or
 * was ended since the system did not work before anything was broken. False for a folder that is no run's. */
bool run_is_void(const char *runs_dir, const char *id);

/* runs_dir/id/STEM.csv, or STEM.LOAD.csv; ending: ".csv". The caller frees. */
char *run_load_path(const char *runs_dir, const char *id, const char *stem, const char *load, const char *ending);

#endif
