#include "options.h"

#include "base/buf.h"
#include "cli/diag.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const struct opt table[] = {
	{.name = "run-id",
	 .kind = OPT_STR,
	 .arg = "ID",
	 .offset = offsetof(struct options, run_id),
	 .help = "report on the run of that name, analysed afresh by chaos-analyze"},
	{.name = "baseline-id",
	 .kind = OPT_STR,
	 .arg = "ID",
	 .offset = offsetof(struct options, baseline_id),
	 .help = "compare it with the run of that name"},
	{.name = "runs-dir",
	 .kind = OPT_STR,
	 .arg = "DIR",
	 .offset = offsetof(struct options, runs_dir),
	 .help = "where the runs are (runs)"},
	{.name = "events",
	 .kind = OPT_STR,
	 .arg = "FILE",
	 .offset = offsetof(struct options, events),
	 .help = "events of the run, for the timeline (with --run-id: those of its folder)"},
	{.name = "config",
	 .kind = OPT_STR,
	 .arg = "FILE",
	 .offset = offsetof(struct options, config),
	 .help = "thresholds for the analysis (config.yaml, if there is one)"},
	{.name = "output",
	 .letter = 'o',
	 .kind = OPT_STR,
	 .arg = "FILE",
	 .offset = offsetof(struct options, output),
	 .help = "write the report to FILE (stdout)"},
	{.name = "no-model",
	 .kind = OPT_FLAG,
	 .offset = offsetof(struct options, no_model),
	 .help = "the plain report, without asking a model; so far it is the only one"},
};

static const char *const uses[] = {
	"--run-id ID [--baseline-id ID]",
	"[--events FILE] [FILE]",
	NULL,
};

static const char *const examples[] = {
	"chaos-llm --baseline-id baseline1 --run-id run1",
	"chaos-analyze --events events.jsonl < samples.csv | chaos-llm --events events.jsonl",
	NULL,
};

static const struct cli cli = {
	.program = "chaos-llm",
	.summary = "writes a report in words: analysis JSON in, Markdown out",
	.uses = uses,
	.opts = table,
	.opt_count = ARRAY_LEN(table),
	.examples = examples,
};

static int check(struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (rest->count > 1)
		return err_usage(e, "one file at most, but '%s' follows '%s'", rest->items[1],
				 rest->items[0]);
	o->file = rest->items[0];
	if (o->run_id && o->file)
		return err_usage(e, "both --run-id and the file '%s' are given", o->file);
	if (o->baseline_id && !o->run_id)
		return err_usage(e, "--baseline-id needs --run-id; for other samples, pipe "
				    "'chaos-analyze --baseline FILE' into this");
	bool from_stdin = !o->run_id && (!o->file || strcmp(o->file, "-") == 0);
	if (from_stdin && isatty(STDIN_FILENO))
		return err_usage(e, "an analysis is read from stdin, which is a terminal; give "
				    "--run-id or a file, or see 'chaos-llm --help'");
	return 0;
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct cli_rest rest;
	struct err e;
	*o = (struct options){.runs_dir = "runs"};
	int rc = cli_parse(&cli, o, argc, argv, &rest, STDOUT_FILENO);
	if (rc == CLI_RUN && check(o, &rest, &e))
		rc = diag_err(&e);
	cli_rest_release(&rest);
	return rc;
}
