/* The options: command line over config.yaml over defaults. */
#ifndef ANALYZE_OPTIONS_H
#define ANALYZE_OPTIONS_H

#include "cli/cli.h"
#include "judge/compare/comparison.h"
#include "conf/config.h"

struct options {
	const char *run_id, *runs_dir;
	struct str_list baseline_id, baseline; /* at most one of them is not empty */
	const char *events, *audit;
	struct str_list load_summary;
	struct str_list load; /* NAME=FILE; with run_id NAME */
	const char *config_path;
	double throughput_drop_threshold, error_rate_threshold; /* 0-1 */
	double latency_factor, latency_min_ms; /* a request slower than usual by both is slow */
	double warmup_ignore_s;
	int64_t window_ns; /* 0: by the rate of the requests */
	double start_epoch_s, end_epoch_s; /* 0: not given */
	double slo; /* share of requests that must succeed */
	bool slo_given, unsteady, quiet;
	struct str_list fault_at, fail_on, tolerance;
	struct tolerance tolerances[COMPARED_COUNT];
	bool verdict; /* the comparison counts for the exit code */
	bool windows; /* JSON Lines of the windows in place of the analysis */
	bool text; /* for people, in place of JSON */
	bool by_node; /* the windows of each node, too */
	const char *windows_to; /* file for the windows, in addition to the analysis; or NULL */
	bool follow;  /* the end of the file is not the end of the run */
	struct str_list stop_on;
	int64_t duration_ns; /* duration of a live run; 0 if not given */
	const char *detector; /* "auto" or "threshold" */
	struct cli_rest files; /* sample files; none means stdin */
	struct config config;  /* defaults for the above; names of nodes */
};

/* CLI_RUN, or the exit code; errors have been printed. */
int options_parse(struct options *o, int argc, char **argv);
void options_release(struct options *o);

#endif
