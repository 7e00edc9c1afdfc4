#include "options.h"

#include "base/buf.h"
#include "cli/diag.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define AT(field) .offset = offsetof(struct options, field)

static const struct opt table[] = {
	{"run-id", 0, OPT_STR, "ID",
	 "draw the run of that name; the script writes the picture into its folder", AT(run_id)},
	{"baseline-id", 0, OPT_STR, "ID", "compare with the run of that name", AT(baseline_id)},
	{"runs-dir", 0, OPT_STR, "DIR", "where the runs are (runs)", AT(runs_dir)},
	{"baseline", 0, OPT_STR, "FILE", "samples of the baseline run", AT(baseline)},
	{"windows", 0, OPT_STR, "FILE",
	 "draw the lines of chaos-analyze --windows (- for stdin) in place of samples,\nalso those of the run",
	 AT(windows)},
	{"events", 0, OPT_STR, "FILE", "events of the run: marks and names the faults", AT(events)},
	{"analysis", 0, OPT_STR, "FILE",
	 "analysis of the run: anomaly windows, recovery and title come from it\n(else they "
	 "are computed as chaos-analyze does)", AT(analysis)},
	{"config", 0, OPT_STR, "FILE", "read thresholds from FILE (config.yaml, if there is one)",
	 AT(config)},
	{"warmup-ignore-sec", 0, OPT_DOUBLE, "SECONDS",
	 "do not judge the first seconds, where no analysis tells (config, else 5)",
	 AT(warmup_ignore_s), .max = 1e6},
	{"terminal", 0, OPT_CHOICE, "KIND",
	 "png, svg, pdf, or dumb: letters, 30 lines as wide as the terminal, else 100 columns\n"
	 "(by the name of --output, as x.svg; else png)",
	 AT(terminal_name), .choices = "png|svg|pdf|dumb"},
	{"size", 0, OPT_STR, "WxH", "how large, in pixels; of pdf, in hundredths of an inch (1200x800)", AT(size)},
	{"dark", 0, OPT_FLAG, NULL, "for a dark page", AT(dark)},
	{"no-title", 0, OPT_FLAG, NULL, "leave the title out: a page around the picture has it", AT(no_title)},
	{"output", 'o', OPT_STR, "FILE",
	 "what gnuplot is to write (its stdout, but with --run-id the run's folder)", AT(output)},
};

static const struct cli_command commands[] = {
	{"throughput", "[FILE]",
	 "rates, errors and latency by the second, with faults and anomalies"},
	{"latency", "[FILE]", "latency over time, and by percentile before, during and after the faults"},
	{"nodes", "[FILE]", "rates and errors of each node"},
	{"loads", "[FILE]", "rates, errors and latency of each of several loads"},
	{"trials", "[FILE]", "each metric of the runs of a scenario that was repeated, or searched for its breaking point"},
	{"compare", "[FILE]",
	 "throughput, latency and errors of a run beside those of a baseline"},
};

static const struct cli cli = {
	.program = "chaos-plot",
	.summary = "draws a run: samples in, a gnuplot script out",
	.uses = {
		"throughput [--events FILE] [--analysis FILE] [FILE] | gnuplot > throughput.png",
		"throughput --run-id ID | gnuplot",
		"compare --baseline FILE [FILE] | gnuplot > compare.png",
		"compare --baseline-id ID --run-id ID | gnuplot",
	},
	.opts = table, .opt_count = ARRAY_LEN(table),
	.commands = commands, .command_count = ARRAY_LEN(commands),
	.examples = {
		"chaos-plot throughput < samples.csv | gnuplot > throughput.png",
		"chaos-plot throughput --run-id run1 --terminal dumb | gnuplot",
		"chaos-plot compare --baseline-id baseline1 --run-id run1 | gnuplot",
	},
};

static int check_sources(const struct options *o, struct err *e)
{
	if (o->run_id && o->file)
		return err_usage(e, "both --run-id and the file '%s' are given", o->file);
	if (o->windows && o->file)
		return err_usage(e, "--windows and samples exclude each other");
	if (o->windows && o->events)
		return err_usage(e, "--events needs samples; with --windows, --analysis tells of the faults");
	if (o->baseline_id && o->baseline)
		return err_usage(e, "both --baseline-id and --baseline are given");
	return 0;
}

enum { SIZE_MIN_PX = 300, SIZE_MAX_PX = 10000 };

static int take_size(struct options *o, struct err *e)
{
	char more;
	o->width_px = CANVAS_W_PX;
	o->height_px = CANVAS_H_PX;
	if (!o->size)
		return 0;
	if (sscanf(o->size, "%5dx%5d%c", &o->width_px, &o->height_px, &more) == 2 && o->width_px >= SIZE_MIN_PX &&
	    o->height_px >= SIZE_MIN_PX && o->width_px <= SIZE_MAX_PX && o->height_px <= SIZE_MAX_PX)
		return 0;
	return err_usage(e, "--size: '%s' is no size such as 1200x800, each from %d to %d", o->size, SIZE_MIN_PX, SIZE_MAX_PX);
}

static int take_words(struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (!rest->count)
		return err_usage(
			e, "say what to draw, as throughput; see 'chaos-plot --help'");
	int command = cli_command(&cli, rest->items[0], e);
	if (command < 0)
		return -1;
	if (rest->count > 2)
		return err_usage(e, "one file at most, but '%s' follows '%s'", rest->items[2],
				 rest->items[1]);
	o->picture = commands[command].name;
	o->file = rest->items[1];
	const char *dot = o->output ? strrchr(o->output, '.') : NULL;
	const char *kind = o->terminal_name ? o->terminal_name : dot ? dot + 1 : "png";
	o->terminal = strcmp(kind, "svg") == 0				    ? TERMINAL_SVG
		      : strcmp(kind, "pdf") == 0			    ? TERMINAL_PDF
		      : o->terminal_name && strcmp(kind, "dumb") == 0 ? TERMINAL_DUMB
									    : TERMINAL_PNG;
	o->columns = diag_columns(PAGE_COLUMNS);
	o->columns = o->columns < PAGE_COLUMNS_MIN   ? PAGE_COLUMNS_MIN
		     : o->columns > PAGE_COLUMNS_MAX ? PAGE_COLUMNS_MAX
						     : o->columns;
	return take_size(o, e) ? -1 : check_sources(o, e);
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct cli_rest rest;
	struct err e;
	*o = (struct options){.runs_dir = "runs", .warmup_ignore_s = -1};
	int rc = cli_parse(&cli, o, argc, argv, &rest, 1);
	if (rc == CLI_RUN && take_words(o, &rest, &e))
		rc = diag_err(&e);
	cli_rest_release(&rest);
	return rc;
}
