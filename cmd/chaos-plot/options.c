#include "options.h"

#include "base/buf.h"
#include "cli/diag.h"

#include <stddef.h>
#include <string.h>

static const struct opt table[] = {
	{.name = "run-id", .kind = OPT_STR, .arg = "ID",
	 .offset = offsetof(struct options, run_id),
	 .help = "draw the run of that name; the script writes the picture into its folder"},
	{.name = "baseline-id", .kind = OPT_STR, .arg = "ID",
	 .offset = offsetof(struct options, baseline_id),
	 .help = "compare with the run of that name"},
	{.name = "runs-dir", .kind = OPT_STR, .arg = "DIR",
	 .offset = offsetof(struct options, runs_dir),
	 .help = "where the runs are (runs)"},
	{.name = "baseline", .kind = OPT_STR, .arg = "FILE",
	 .offset = offsetof(struct options, baseline),
	 .help = "samples of the baseline run"},
	{.name = "windows", .kind = OPT_STR, .arg = "FILE",
	 .offset = offsetof(struct options, windows),
	 .help = "draw the lines of chaos-analyze --windows (- for stdin) in place of samples"},
	{.name = "events", .kind = OPT_STR, .arg = "FILE",
	 .offset = offsetof(struct options, events),
	 .help = "events of the run: marks and names the faults"},
	{.name = "analysis", .kind = OPT_STR, .arg = "FILE",
	 .offset = offsetof(struct options, analysis),
	 .help = "analysis of the run: anomaly windows, recovery and title come from it\n"
		 "(else they are computed as chaos-analyze does)"},
	{.name = "config", .kind = OPT_STR, .arg = "FILE",
	 .offset = offsetof(struct options, config),
	 .help = "read thresholds from FILE (config.yaml, if there is one)"},
	{.name = "warmup-ignore-sec", .kind = OPT_DOUBLE, .arg = "SECONDS",
	 .offset = offsetof(struct options, warmup_ignore_s), .max = 1e6,
	 .help = "do not judge the first seconds, where no analysis tells (config, else 5)"},
	{.name = "terminal", .kind = OPT_CHOICE, .arg = "KIND",
	 .offset = offsetof(struct options, terminal_name), .choices = "png|svg|dumb",
	 .help = "png, svg or dumb: letters, 100 by 30 (png)"},
	{.name = "output", .letter = 'o', .kind = OPT_STR, .arg = "FILE",
	 .offset = offsetof(struct options, output),
	 .help = "what gnuplot is to write (its stdout, but with --run-id the run's folder)"},
};

static const struct cli_command commands[] = {
	{"throughput", "[FILE]",
	 "rates, errors and latency by the second, with faults and anomalies"},
	{"compare", "[FILE]",
	 "throughput, latency and errors of a run beside those of a baseline"},
};

static const char *const uses[] = {
	"throughput [--events FILE] [--analysis FILE] [FILE] | gnuplot > throughput.png",
	"throughput --run-id ID | gnuplot",
	"compare --baseline FILE [FILE] | gnuplot > compare.png",
	"compare --baseline-id ID --run-id ID | gnuplot",
	NULL,
};

static const char *const examples[] = {
	"chaos-plot throughput < samples.csv | gnuplot > throughput.png",
	"chaos-plot throughput --run-id run1 --terminal dumb | gnuplot",
	"chaos-plot compare --baseline-id baseline1 --run-id run1 | gnuplot",
	NULL,
};

static const struct cli cli = {
	.program = "chaos-plot",
	.summary = "draws a run: samples in, a gnuplot script out",
	.uses = uses,
	.opts = table,
	.opt_count = ARRAY_LEN(table),
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
	.examples = examples,
};

static int check_sources(const struct options *o, struct err *e)
{
	if (o->run_id && o->file)
		return err_usage(e, "both --run-id and the file '%s' are given", o->file);
	if (o->windows && (o->run_id || o->file))
		return err_usage(e, "--windows and samples exclude each other");
	if (o->baseline_id && o->baseline)
		return err_usage(e, "both --baseline-id and --baseline are given");
	return 0;
}

static int take_words(struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (!rest->count)
		return err_usage(
			e, "say what to draw: throughput or compare; see 'chaos-plot --help'");
	int command = cli_command(&cli, rest->items[0], e);
	if (command < 0)
		return -1;
	if (rest->count > 2)
		return err_usage(e, "one file at most, but '%s' follows '%s'", rest->items[2],
				 rest->items[1]);
	o->picture = commands[command].name;
	o->file = rest->items[1];
	o->terminal = strcmp(o->terminal_name, "svg") == 0    ? TERMINAL_SVG
		      : strcmp(o->terminal_name, "dumb") == 0 ? TERMINAL_DUMB
							      : TERMINAL_PNG;
	return check_sources(o, e);
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct cli_rest rest;
	struct err e;
	*o = (struct options){.runs_dir = "runs", .terminal_name = "png", .warmup_ignore_s = -1};
	int rc = cli_parse(&cli, o, argc, argv, &rest, 1);
	if (rc == CLI_RUN && take_words(o, &rest, &e))
		rc = diag_err(&e);
	cli_rest_release(&rest);
	return rc;
}
