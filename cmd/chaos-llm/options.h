#ifndef LLM_OPTIONS_H
#define LLM_OPTIONS_H

#include "cli/cli.h"

struct options {
	const char *run_id, *baseline_id, *runs_dir, *config;
	const char *events, *output;
	bool no_model;
	const char *file; /* operand; NULL or "-" for stdin */
};

/* Fills o from argv. CLI_RUN, or an exit code (a line was printed if it is not 0). */
int options_parse(struct options *o, int argc, char **argv);

#endif
