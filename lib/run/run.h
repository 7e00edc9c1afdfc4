/* Run ids and the files of a run's folder, runs/<run-id>/. */
#ifndef RUN_H
#define RUN_H

#include "base/err.h"

/* [A-Za-z0-9._-]{1,64}, never ".", ".." or "latest". Returns 0 or -1 (EXIT_USAGE). */
int run_id_check(const char *id, struct err *e);

/* The same for reading an existing run, where "latest" is allowed. */
int run_id_check_read(const char *id, struct err *e);

/* "runs_dir/id/file", or the folder if file is NULL. The caller frees. */
char *run_path(const char *runs_dir, const char *id, const char *file);

/* Error for a run that does not exist, with the nearest name in runs_dir: EXIT_USAGE. Returns -1.
 */
int run_err_none(const char *runs_dir, const char *id, struct err *e);

#endif
