#include "options.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "run/run.h"

#include <stddef.h>
#include <unistd.h>

static const struct opt table[] = {
	{.name = "scenario", .letter = 's', .kind = OPT_STR, .arg = "FILE",
	 .help = "the scenario to run: YAML, see chaos-scenario(5)",
	 .offset = offsetof(struct options, scenario)},
	{.name = "run-id", .letter = 'r', .kind = OPT_STR, .arg = "ID",
	 .help = "name of the run and of its folder: 1 to 64 of A-Z a-z 0-9 . _ -",
	 .offset = offsetof(struct options, run_id)},
	{.name = "mode", .letter = 'm', .kind = OPT_STR, .arg = "http|redis",
	 .help = "which nodes of the config take load and faults (default http)",
	 .offset = offsetof(struct options, mode_name)},
	{.name = "config", .letter = 'c', .kind = OPT_STR, .arg = "FILE",
	 .help = "the nodes and thresholds (default ./config.yaml if there is one)",
	 .offset = offsetof(struct options, config)},
	{.name = "runs-dir", .kind = OPT_STR, .arg = "DIR",
	 .help = "where the folders of runs are (default runs)",
	 .offset = offsetof(struct options, runs_dir)},
	{.name = "baseline-id", .letter = 'b', .kind = OPT_STR, .arg = "ID",
	 .help = "an earlier run to compare with",
	 .offset = offsetof(struct options, baseline_id)},
	{.name = "force", .letter = 'f', .kind = OPT_FLAG,
	 .help = "replace the run of that name, if there is one",
	 .offset = offsetof(struct options, force)},
	{.name = "check", .letter = 'n', .kind = OPT_FLAG,
	 .help = "check everything, print the plan on stdout, touch nothing",
	 .offset = offsetof(struct options, check)},
	{.name = "llm", .kind = OPT_FLAG,
	 .help = "let the config's language model write the report",
	 .offset = offsetof(struct options, llm)},
	{.name = "seed", .kind = OPT_INT, .arg = "N",
	 .help = "seed of everything random in the run (default drawn, and recorded)",
	 .offset = offsetof(struct options, seed), .min = 0, .max = 9e15},
	{.name = "progress", .kind = OPT_CHOICE, .arg = "auto|plain|none",
	 .help = "a live line on a terminal and a line each 10 s elsewhere (auto), always the\n"
		 "latter (plain), or nothing (default auto)",
	 .offset = offsetof(struct options, progress), .choices = "auto|plain|none"},
};

static const char *const uses[] = {
	"--scenario FILE --run-id ID [--mode http|redis] [OPTIONS]",
	"--check --scenario FILE [OPTIONS]",
	NULL,
};

static const char *const examples[] = {
	"chaos-scenario --scenario scenarios/baseline.yaml --run-id baseline1 --mode http",
	"chaos-scenario --scenario scenarios/failure.yaml --run-id run1 --baseline-id baseline1",
	NULL,
};

static const struct cli cli = {
	.program = "chaos-scenario",
	.summary = "runs a scenario: load and faults on schedule, then the findings",
	.uses = uses,
	.opts = table,
	.opt_count = ARRAY_LEN(table),
	.examples = examples,
};

static int check(struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (rest->count)
		return err_usage(e, "unexpected argument '%s'; --scenario names the scenario",
				 rest->items[0]);
	if (!o->scenario)
		return err_usage(e, "--scenario FILE is missing");
	if (!o->run_id && !o->check)
		return err_usage(e, "--run-id ID is missing");
	if (conf_mode_parse(o->mode_name, &o->mode, e) ||
	    (o->run_id && run_id_check(o->run_id, e)) ||
	    (o->baseline_id && run_id_check_read(o->baseline_id, e)))
		return -1;
	return 0;
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct cli_rest rest;
	struct err e;
	*o = (struct options){
		.mode_name = "http", .runs_dir = "runs", .progress = "auto", .seed = -1};
	int rc = cli_parse(&cli, o, argc, argv, &rest, STDOUT_FILENO);
	if (rc == CLI_RUN && check(o, &rest, &e))
		rc = diag_err(&e);
	cli_rest_release(&rest);
	return rc;
}
