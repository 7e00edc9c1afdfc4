#ifndef PLOT_OPTIONS_H
#define PLOT_OPTIONS_H

#include "cli/cli.h"

#include "draw/script.h"

struct options {
	const char *run_id, *baseline_id, *runs_dir, *config;
	const char *baseline, *windows, *events, *analysis;
	const char *terminal_name, *output;
	bool no_title, dark;
	const char *size; /* "1200x800" */
	int width_px, height_px;
	double warmup_ignore_s; /* negative: not given */
	const char *picture; /* its name */
	enum terminal terminal;
	size_t columns;	 /* of a page in letters */
	const char *file; /* operand; NULL or "-" for stdin */
};

/* Fills o from argv. CLI_RUN, or an exit code (a line was printed if it is not 0). */
int options_parse(struct options *o, int argc, char **argv);

#endif
