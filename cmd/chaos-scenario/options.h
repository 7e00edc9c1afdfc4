/* The command line of chaos-scenario. */
#ifndef SCENARIO_OPTIONS_H
#define SCENARIO_OPTIONS_H

#include "cli/cli.h"
#include "conf/config.h"

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *again, *search;
	int64_t repeat; /* 0: not asked for */
	struct str_list set;
	double shorten;
	bool without_faults;
	const char *scenario, *run_id, *mode_name, *config, *runs_dir, *baseline_id, *progress;
	int64_t seed; /* negative: draw one */
	const char *check; /* how the plan is printed: "text" or "json"; NULL: it is run */
	bool force, llm, unsteady, rootless, lint, places;
	enum conf_mode mode; /* of mode_name, which is NULL if not given */
};

/* Fills o. Returns CLI_RUN, or the exit code to end with. */
int options_parse(struct options *o, int argc, char **argv);

#endif
