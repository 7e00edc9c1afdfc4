/* After the run: the analysis, the pictures and the report, one program after the other. */
#ifndef SCENARIO_AFTER_FINDINGS_H
#define SCENARIO_AFTER_FINDINGS_H

#include "children/child.h"
#include "options.h"
#include "children/progress.h"
#include "prepare/rundir.h"

#include <stdbool.h>

struct findings_step {
	const char *name;  /* of the program */
	struct args args;
	const char *needs; /* the run's file that it reads: without it the step is skipped; or NULL */
	const char *makes; /* the run's file that receives its standard output, or NULL */
	bool asks_model;   /* it inherits the API keys of model providers */
	bool answer;	   /* exit codes 1 and 3 are answers, not failures */
};

struct findings {
	const struct rundir *dir;
	struct progress *progress;
	struct findings_step steps[8];
	size_t count, next;
	struct child child;
	int code;  /* the worst so far */
	char why[256]; /* the first failure, or "" */
	bool stop; /* no further step */
	int64_t kill_ns; /* monotonic: when the step that was told to end is killed */
};

/* Plans the steps. config_path may be NULL. Of a run that was interrupted, the verdict's line is enough. */
void findings_init(struct findings *j, const struct options *o, const char *config_path,
		const struct rundir *d, struct progress *p, bool interrupted);
void findings_release(struct findings *j);

/* Starts the next step once the present one has ended; true when all have. Call it to begin, after each
 * SIGCHLD and several times a second. */
bool findings_go_on(struct findings *j);

/* Ends the present step, within seconds, and drops the others. */
void findings_stop(struct findings *j);

#endif
