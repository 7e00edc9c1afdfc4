/* After the run: the analysis, the pictures and the report, one program after the other. */
#ifndef SCENARIO_AFTER_JUDGE_H
#define SCENARIO_AFTER_JUDGE_H

#include "conduct/child.h"
#include "options.h"
#include "conduct/progress.h"
#include "after/rundir.h"

#include <stdbool.h>

struct judge_step {
	const char *name;  /* of the program */
	struct args args;
	const char *needs; /* a file of the run without which it is left out, or NULL */
	const char *makes; /* the file of the run that its output becomes, or NULL */
	bool asks_model;   /* it may need a key */
	bool answer;	   /* exit codes 1 and 3 are answers, not failures */
};

struct judge {
	const struct rundir *dir;
	struct progress *progress;
	struct judge_step steps[8];
	size_t count, next;
	struct child child;
	int code;  /* the worst so far */
	bool stop; /* no further step */
};

/* Plans the steps. config_path may be NULL. */
void judge_init(struct judge *j, const struct options *o, const char *config_path,
		const struct rundir *d, struct progress *p);
void judge_release(struct judge *j);

/* Takes in that the present step has ended, and starts the next. True when there is none left.
 * Call to begin, and after each SIGCHLD. */
bool judge_go_on(struct judge *j);

/* Ends the present step and drops the others. */
void judge_stop(struct judge *j);

#endif
