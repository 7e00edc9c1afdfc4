#include "options.h"

#include "judge/analysis/metrics.h"
#include "base/buf.h"
#include "cli/diag.h"
#include "judge/impact/faults.h"
#include "run/run.h"
#include "sys/file.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(field) .offset = offsetof(struct options, field)

static const struct opt table[] = {
	{"run-id", 0, OPT_STR, "ID",
	 "analyse the run of that name: its samples, events and load summary", AT(run_id)},
	{"baseline-id", 0, OPT_LIST, "ID",
	 "compare with the run of that name; may be given again, and from three on it is "
	 "known how much runs vary", AT(baseline_id)},
	{"runs-dir", 0, OPT_STR, "DIR", "where the runs are (runs)", AT(runs_dir)},
	{"baseline", 0, OPT_LIST, "FILE",
	 "compare with these samples; may be given again (without a baseline: the run itself "
	 "between warm-up and first fault)", AT(baseline)},
	{"events", 0, OPT_STR, "FILE", "events of the run: when faults were injected and reverted",
	 AT(events)},
	{"audit", 0, OPT_STR, "FILE", "what chaos-audit found, for lost_writes (with --run-id: its audit.json)", AT(audit)},
	{"fault-at", 0, OPT_LIST, "AT[..UNTIL]",
	 "a fault that no event tells of, at that time of the run, as 30, 5..9 or 1m..1m30s; may be given again", AT(fault_at)},
	{"load", 0, OPT_LIST, "NAME=FILE",
	 "these samples are of the load of that name; may be given again, also for one load's shards; with "
	 "--run-id, NAME: of its loads only this one", AT(load)},
	{"load-summary", 0, OPT_LIST, "FILE",
	 "what chaos-load says of its run: start, end, timeout; of shards, one for each", AT(load_summary)},
	{"throughput-drop-threshold", 0, OPT_DOUBLE, "FRACTION",
	 "a second is anomalous if it has this fraction fewer successes than the baseline "
	 "(config, else 0.5)", AT(throughput_drop_threshold), .max = 1},
	{"error-rate-threshold", 0, OPT_DOUBLE, "FRACTION",
	 "or if a larger fraction of its requests fail, or are slow (config, else 0.1)",
	 AT(error_rate_threshold), .max = 1},
	{"latency-factor", 0, OPT_DOUBLE, "FACTOR",
	 "slow: that many times what is usual in the baseline (config, else 1.5)",
	 AT(latency_factor), .min = 1, .max = 1e6},
	{"latency-min-ms", 0, OPT_DOUBLE, "MS",
	 "and at least this much more than usual (config, else 5)",
	 AT(latency_min_ms), .max = 1e9},
	{"warmup-ignore-sec", 0, OPT_DOUBLE, "SECONDS",
	 "do not judge the first seconds, nor count them in summaries (config, else 5)",
	 AT(warmup_ignore_s), .max = 1e6},
	{"window", 0, OPT_SPAN, "SPAN", "cut the run into windows of this length (the shortest of 1s, 2s, 5s, 10s, 30s, 1m, 5m, 10m "
	 "and 1h that usually holds 10 requests)",
	 AT(window_ns), .min = 0.01, .max = 3600},
	{"unsteady", 0, OPT_FLAG, NULL,
	 "judge faults even if most requests failed before the first", AT(unsteady)},
	{"start", 0, OPT_DOUBLE, "TIME",
	 "the run starts then, in UNIX seconds; earlier rows are left out (load summary, else "
	 "first row)", AT(start_epoch_s), .max = 7e9},
	{"end", 0, OPT_DOUBLE, "TIME",
	 "it ends then; later rows are left out (load summary, events, else last row)",
	 AT(end_epoch_s), .max = 7e9},
	{"detector", 0, OPT_CHOICE, "WHICH",
	 "auto: beyond a threshold and more than chance, from the change to five healthy "
	 "seconds; threshold: bare thresholds, second by second (auto)",
	 AT(detector), .choices = "auto|threshold"},
	{"quiet", 'q', OPT_FLAG, NULL, "do not tell on standard error what weakens the finding: the analysis has it", AT(quiet)},
	{"text", 0, OPT_FLAG, NULL, "print the analysis as text for people, not as JSON", AT(text)},
	{"windows", 0, OPT_FLAG, NULL,
	 "print the windows as JSON Lines in place of the analysis; from a pipe or with "
	 "--follow as they end", AT(windows)},
	{"windows-to", 0, OPT_STR, "FILE", "write the windows to FILE, beside the analysis",
	 AT(windows_to)},
	{"by-node", 0, OPT_FLAG, NULL, "with --windows or --windows-to: tell the requests of each node, too", AT(by_node)},
	{"follow", 0, OPT_FLAG, NULL,
	 "read on at the end of the file, until its run is over (event run_end, --duration, a "
	 "stop rule) or Ctrl-C", AT(follow)},
	{"duration", 0, OPT_SPAN, "SPAN",
	 "with --follow or from a pipe: how long the run is, where no event tells",
	 AT(duration_ns)},
	{"stop-on", 0, OPT_LIST, "RULE",
	 "stop reading and exit 4 as soon as RULE is true, as 'error_rate > 0.5 for 10s' or "
	 "'silence_s > 2'; may be given again", AT(stop_on)},
	{"fail-on", 0, OPT_LIST, "RULE",
	 "exit 1 if RULE is true, 3 if nobody can tell, as 'p99_latency_ms > 1.2 * "
	 "baseline.p99_latency_ms'; may be given again", AT(fail_on)},
	{"verdict", 0, OPT_FLAG, NULL,
	 "exit 1 if the run is worse than the baseline, 3 if nobody can tell", AT(verdict)},
	{"tolerance", 0, OPT_LIST, "METRIC=VALUE",
	 "how much worse than the baseline still passes: of throughput and latencies a share "
	 "(0.1), of error rate and availabilities absolute (0.01); may be given again",
	 AT(tolerance)},
	{"slo", 0, OPT_DOUBLE, "FRACTION",
	 "share of requests that are to succeed, for the error budget (0.999)",
	 AT(slo), .max = 0.999999},
	{"config", 0, OPT_STR, "FILE", "read thresholds from FILE (the run's own with --run-id, else config.yaml, if there is one)",
	 AT(config_path)},
};

static const struct cli cli = {
	.program = "chaos-analyze",
	.summary = "says from samples when it broke, when it was good again, and how bad it was",
	.uses = {
		"[--baseline FILE] [--events FILE] [--load-summary FILE] [FILE...]",
		"--run-id ID [--baseline-id ID]...",
		"--load NAME=FILE --load NAME=FILE... [--events FILE]",
		"--windows [--follow] [--stop-on RULE] [FILE]",
	},
	.opts = table, .opt_count = ARRAY_LEN(table),
	.examples = {
		"chaos-load --rps 50 --duration 20 http://127.0.0.1:8001 | chaos-analyze",
		"chaos-load --rps 50 --duration 1h http://127.0.0.1:8001 | chaos-analyze --windows | jq -c .",
		"chaos-analyze --baseline-id baseline1 --run-id run1",
		"chaos-analyze --run-id run1 --fail-on 'recovery_time_sec > 10' --fail-on 'error_rate > 0.05 for 3s'",
		"chaos-analyze --baseline base.csv samples.csv | jq .anomaly_windows",
		"chaos-analyze --run-id new --baseline-id old1 --baseline-id old2 --baseline-id old3 --verdict",
	},
	.words = metric_names,
};

static int check(struct options *o, struct err *e)
{
	if (o->run_id && o->files.count)
		return err_usage(e, "--run-id and the file '%s' exclude each other",
				 o->files.items[0]);
	if (o->load.count && o->files.count)
		return err_usage(e, "--load and the file '%s' exclude each other", o->files.items[0]);
	if (o->baseline_id.count && o->baseline.count)
		return err_usage(e, "--baseline-id and --baseline exclude each other");
	if (o->verdict && !o->baseline_id.count && !o->baseline.count)
		return err_usage(e, "--verdict needs a baseline run (--baseline, --baseline-id)");
	if (o->text && o->windows)
		return err_usage(e, "--text and --windows exclude each other");
	if (o->windows && o->windows_to)
		return err_usage(e, "--windows and --windows-to exclude each other");
	if (o->by_node && !o->windows && !o->windows_to)
		return err_usage(e, "--by-node goes with --windows or --windows-to");
	if (o->end_epoch_s > 0 && o->end_epoch_s <= o->start_epoch_s)
		return err_usage(e, "--end %.15g is not after --start %.15g", o->end_epoch_s,
				 o->start_epoch_s);
	if (!o->run_id && o->files.count == 0 && o->load.count == 0 && isatty(STDIN_FILENO))
		return err_usage(e, "nothing to read: give a file, --run-id, or samples on stdin "
				    "(see --help)");
	if ((o->follow || o->stop_on.count) && o->files.count > 1)
		return err_usage(e, "%s reads one file of a load, but %d are given",
				 o->follow ? "--follow" : "--stop-on", o->files.count);
	if (o->follow && !o->run_id && o->files.count == 0 && o->load.count == 0)
		return err_usage(e, "--follow needs a file (standard input is always followed)");
	for (size_t i = 0; i < o->fault_at.count; i++) {
		double at_s, until_s;
		if (fault_at_parse(o->fault_at.items[i], &at_s, &until_s, e))
			return -1;
	}
	for (size_t i = 0; i < o->tolerance.count; i++)
		if (tolerance_parse(o->tolerance.items[i], o->tolerances, e))
			return -1;
	return 0;
}

/* What the config says where an option does not. */
static const struct threshold {
	const char *key;
	size_t at, in_config;
} thresholds[] = {
#define THRESHOLD(key, field) {key, offsetof(struct options, field), offsetof(struct config, field)}
	THRESHOLD("throughput_drop_threshold", throughput_drop_threshold),
	THRESHOLD("error_rate_threshold", error_rate_threshold),
	THRESHOLD("latency_factor", latency_factor),
	THRESHOLD("latency_min_ms", latency_min_ms),
	THRESHOLD("warmup_ignore_sec", warmup_ignore_s),
};

static double threshold_of(const struct config *c, const struct threshold *t)
{
	double v;
	memcpy(&v, (const char *)c + t->in_config, sizeof v);
	return v;
}

/* What was not given is negative. */
static void fill_from_config(struct options *o)
{
	for (size_t i = 0; i < ARRAY_LEN(thresholds); i++) {
		double given, v = threshold_of(&o->config, &thresholds[i]);
		char *at = (char *)o + thresholds[i].at;
		memcpy(&given, at, sizeof given);
		if (given < 0)
			memcpy(at, &v, sizeof v);
	}
}

/* The config that the run was made by; NULL if the user names one, or there is none. The caller
 * frees. */
static char *own_config(const struct options *o)
{
	struct err e;
	if (!o->run_id || o->config_path || run_id_check_read(o->run_id, &e))
		return NULL;
	char *path = run_path(o->runs_dir, o->run_id, "config.yaml");
	if (file_exists(path))
		return path;
	free(path);
	return NULL;
}

/* Says in one line by what else the config of this folder would have judged. */
static void tell_other_config(const struct config *own)
{
	struct err e;
	struct config here;
	config_init(&here);
	if (!file_exists("config.yaml") || config_open(&here, NULL, &e)) {
		config_release(&here);
		return;
	}
	for (const struct threshold *t = thresholds; t < thresholds + ARRAY_LEN(thresholds); t++) {
		double mine = threshold_of(own, t), other = threshold_of(&here, t);
		if (mine < other || mine > other) {
			diag("judged by the run's own config.yaml (%s %g), not by that of this folder (%g)",
			     t->key, mine, other);
			break;
		}
	}
	config_release(&here);
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct err e;
	*o = (struct options){.runs_dir = "runs", .detector = "auto", .slo = -1,
			      .throughput_drop_threshold = -1, .error_rate_threshold = -1,
			      .latency_factor = -1, .latency_min_ms = -1, .warmup_ignore_s = -1};
	tolerances_init(o->tolerances);
	int rc = cli_parse(&cli, o, argc, argv, &o->files, STDOUT_FILENO);
	if (rc != CLI_RUN)
		return rc;
	config_init(&o->config);
	o->config.load_timeout_ns = 0; /* what a load that nobody describes has for a timeout is not known */
	char *own = own_config(o);
	int bad = check(o, &e) || config_open(&o->config, own ? own : o->config_path, &e);
	if (!bad && own)
		tell_other_config(&o->config);
	free(own);
	if (bad) {
		options_release(o);
		return diag_err(&e);
	}
	o->slo_given = o->slo >= 0;
	if (!o->slo_given)
		o->slo = 0.999;
	fill_from_config(o);
	return CLI_RUN;
}

void options_release(struct options *o)
{
	str_list_release(&o->fault_at);
	str_list_release(&o->fail_on);
	str_list_release(&o->tolerance);
	str_list_release(&o->baseline);
	str_list_release(&o->baseline_id);
	str_list_release(&o->stop_on);
	str_list_release(&o->load);
	cli_rest_release(&o->files);
	config_release(&o->config);
}
