/* The verdict of a run: verdict.json, and on stderr the finding in one line with the names of the files. */
#ifndef SCENARIO_AFTER_VERDICT_H
#define SCENARIO_AFTER_VERDICT_H

#include "children/progress.h"
#include "prepare/steps/plan.h"
#include "prepare/rundir.h"

/* How the run ended. */
struct ending {
	int exit;
	int signo;	 /* the signal that ended it; 0: none */
	const char *why; /* what ended it or failed after it; "": nothing */
	bool said;	 /* why was printed */
};

/* -1 if the file cannot be written. */
int verdict_write(const struct rundir *d, const struct plan *plan, const struct ending *how, struct progress *p,
		  struct err *e);

#endif
