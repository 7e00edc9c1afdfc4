/* The folder of a run, runs/<run-id>/, and the link runs/latest. */
#ifndef SCENARIO_PREPARE_RUNDIR_H
#define SCENARIO_PREPARE_RUNDIR_H

#include "base/err.h"

#include <stdbool.h>

struct json;

struct rundir {
	const char *runs_dir, *id; /* borrowed */
	char *path;
	char *aside; /* where the replaced run is kept until rundir_keep, or NULL */
	bool made_runs_dir;
	int lock_fd; /* held while the run is in progress; -1: none */
};

/* Checks that the folder can be made; touches nothing. EXIT_USAGE if not: an existing run without
 * force, of which something came (run_is_void), or a run in progress. */
int rundir_check(const char *runs_dir, const char *id, bool force, struct err *e);

/* Makes the folder. With force an existing run is moved aside, without it one of which nothing came. */
int rundir_make(struct rundir *d, const char *runs_dir, const char *id, bool force,
		struct err *e);
/* Deletes the replaced run and points runs/latest at this one. May be called again. */
int rundir_keep(struct rundir *d, struct err *e);
/* Deletes the folder of a run that never began, and restores the replaced one. */
void rundir_discard(struct rundir *d);
void rundir_release(struct rundir *d); /* frees; deletes nothing */

/* Path of a file of the run; the caller frees. */
char *rundir_file(const struct rundir *d, const char *name);
/* Writes j as the file of that name, as a whole or not at all. */
int rundir_write_json(const struct rundir *d, const char *name, const struct json *j, struct err *e);
/* A new, empty file of the run, for appending; -1 on error. */
int rundir_create(const struct rundir *d, const char *name, struct err *e);

#endif
