/* The loads of a run: the one of samples.csv and load.json, or each with samples.LOAD.csv and
 * load.LOAD.json. */
#ifndef RUN_LOADS_H
#define RUN_LOADS_H

#include <stddef.h>

struct run_loads {
	char **names; /* in the order of the alphabet; the only load of a run has NULL; owned */
	size_t count;
};

/* Looks into the folder runs_dir/id. With samples.csv, or without any samples, there is one load. */
void run_loads_find(struct run_loads *l, const char *runs_dir, const char *id);
void run_loads_release(struct run_loads *l); /* accepts a zeroed one */

/* runs_dir/id/STEM.csv, or STEM.LOAD.csv; ending: ".csv". The caller frees. */
char *run_load_path(const char *runs_dir, const char *id, const char *stem, const char *load, const char *ending);

#endif
