/* One run: schedule, engine, output and control on one loop. */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include "options.h"
#include "requests/target.h"

/* How a run went, for the exit code. */
struct run_result {
	int code;  /* enum exit_code */
	int signo; /* the signal that ended it, to die by; 0 for none */
};

/* Runs to the end, writing rows to out_fd and the summary and events where the options say;
 * events_fd is where events go, negative for nowhere. Says on stderr what went wrong. */
struct run_result run_load(const struct load_opts *o, struct target *t, int out_fd,
			   int events_fd);

#endif
