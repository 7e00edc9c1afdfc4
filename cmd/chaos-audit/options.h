/* The options of chaos-audit. */
#ifndef AUDIT_OPTIONS_H
#define AUDIT_OPTIONS_H

#include "base/buf.h"
#include "cli/cli.h"

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *run_id, *runs_dir, *load, *events, *prefix; /* NULL: not given */
	const char *urls, *save, *from, *list;
	const char *audit_http, *op, *user_file, *bearer_file, *cacert;
	int64_t shards, wait, timeout_ns; /* wait 0: not given */
	int64_t rps, seed;		  /* seed -1: not given */
	bool insecure;
	bool text;
	struct buf audit_file; /* what --audit-http @FILE says; owned */
	struct cli_rest rest; /* URLs */
};

/* CLI_RUN, or the exit code; errors have been printed. */
int options_parse(struct options *o, int argc, char **argv);
void options_release(struct options *o);

#endif
