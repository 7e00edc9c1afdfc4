/* The command line of chaos-fault. */
#ifndef FAULT_OPTIONS_H
#define FAULT_OPTIONS_H

#include "cli/cli.h"
#include "conf/pick.h"

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *config, *mode, *bring_up, *signal;
	int64_t for_ns, deadline_ns; /* negative: not given */
	int64_t anchor_ns; /* INT64_MIN: not given */
	struct pick pick; /* parsed from pick_word */
	const char *pick_word;
	int64_t seed; /* negative: to be drawn */
	const char *there; /* NULL, or on that host, whose nodes alone are broken: the config comes on stdin */
	char *const *argv; /* as they were given; borrowed */
	bool injects; /* the command is a fault */
	bool here; /* nodes of this machine alone */
	bool dry_run;
	bool all_down, stay_down, detach, all, forget, json, control, check;
};

/* rest holds the command and its nodes. Returns CLI_RUN, or the exit code to leave with. */
int options_parse(struct options *o, int argc, char **argv, struct cli_rest *rest);

#endif
