#include "options.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "run/run.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define AT(field) .offset = offsetof(struct options, field)

static const struct opt table[] = {
	{"scenario", 's', OPT_STR, "FILE", "the scenario to run: YAML, see chaos-scenario(5)",
	 AT(scenario)},
	{"run-id", 'r', OPT_STR, "ID",
	 "name of the run and of its folder: 1 to 64 of A-Z a-z 0-9 . _ -", AT(run_id)},
	{"mode", 'm', OPT_STR, "http|redis",
	 "the nodes that all_nodes stands for (default http); see chaos-scenario(5)", AT(mode_name)},
	{"config", 'c', OPT_STR, "FILE",
	 "the nodes and thresholds (default ./config.yaml if there is one)", AT(config)},
	{"runs-dir", 0, OPT_STR, "DIR", "where the folders of runs are (default runs)",
	 AT(runs_dir)},
	{"baseline-id", 'b', OPT_STR, "ID", "an earlier run to compare with", AT(baseline_id)},
	{"force", 'f', OPT_FLAG, NULL, "replace the run of that name, if there is one", AT(force)},
	{"check", 'n', OPT_CHOICE, "json", "check everything, print the plan on stdout, touch nothing; as JSON for tools",
	 AT(check), .choices = "text|json", .bare = "text"},
	{"lint", 0, OPT_FLAG, NULL, "say what a scenario does not test or leaves behind; touch nothing", AT(lint)},
	{"places", 0, OPT_FLAG, NULL, "print each value of a YAML file with its place", AT(places), .hidden = true},
	{"set", 0, OPT_LIST, "NAME=VALUE",
	 "replace values of the scenario: rps, duration (the 'for' of its faults), TYPE.for,\nTYPE.PARAMETER", AT(set)},
	{"without-faults", 0, OPT_FLAG, NULL, "leave out its faults, and what is expected: a run to compare with",
	 AT(without_faults)},
	{"shorten", 0, OPT_DOUBLE, "F", "length of each phase, as a share of its own", AT(shorten), .min = 0.001, .max = 1,
	 .hidden = true},
	{"again", 0, OPT_STR, "RUN", "repeat that run: its scenario, config, seed and options; phases end when they\nended then",
	 AT(again)},
	{"repeat", 0, OPT_INT, "N", "run it N times, and once without faults: ID.1 to ID.N and ID.control", AT(repeat),
	 .min = 2, .max = 1000},
	{"search", 0, OPT_STR, "RANGE",
	 "where what is expected begins to be missed: 'rps 50..2000', 'latency.by 10ms..2s',\n'duration 1s..30s'", AT(search)},
	{"unsteady", 0, OPT_FLAG, NULL,
	 "go on even if most requests fail before the first fault", AT(unsteady)},
	{"rootless", 0, OPT_FLAG, NULL,
	 "run load and nodes in a network of their own, in which faults of the network\nneed no right", AT(rootless)},
	{"llm", 0, OPT_FLAG, NULL,
	 "let the language model of the config add its interpretation to the report", AT(llm)},
	{"seed", 0, OPT_INT, "N",
	 "seed of everything random in the run (default drawn, and recorded)",
	 AT(seed), .min = 0, .max = 9e15},
	{"progress", 0, OPT_CHOICE, "auto|plain|none",
	 "a live block on a terminal and a line each 10 s elsewhere (auto), always the\nlatter "
	 "(plain), or nothing (default auto)", AT(progress), .choices = "auto|plain|none"},
};

static const struct cli cli = {
	.program = "chaos-scenario",
	.summary = "runs a scenario: load and faults on schedule, then the findings",
	.uses = {
		"--scenario FILE --run-id ID [--mode http|redis] [OPTIONS]",
		"--check|--lint --scenario FILE [OPTIONS]",
		"--repeat N|--search 'NAME FROM..TO' --scenario FILE --run-id ID [OPTIONS]",
		"--again RUN --run-id ID [OPTIONS]",
	},
	.opts = table, .opt_count = ARRAY_LEN(table),
	.examples = {
		"chaos-scenario --scenario scenarios/baseline.yaml --run-id baseline1 --mode http",
		"chaos-scenario --scenario scenarios/failure.yaml --run-id run1 --baseline-id baseline1",
	},
	.completes = "http redis",
};

static int check(struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (rest->count)
		return err_usage(e, "unexpected argument '%s'; --scenario names the scenario",
				 rest->items[0]);
	if (o->again && (o->scenario || o->config || o->set.count || o->without_faults || o->mode_name || o->seed >= 0))
		return err_usage(e, "--again takes scenario, config, seed and options of that run; give none of them");
	if (o->again && o->run_id && strcmp(o->again, o->run_id) == 0)
		return err_usage(e, "--again: the run '%s' cannot replace itself", o->again);
	if (o->search && o->repeat)
		return err_usage(e, "--search and --repeat do not go together");
	if (o->lint && (o->search || o->repeat || o->again || o->set.count))
		return err_usage(e, "--lint looks at a scenario as it stands: it takes no --again, --repeat, --search and --set");
	if (!o->scenario && !o->again)
		return err_usage(e, "--scenario FILE is missing");
	if (!o->run_id && !o->check && !o->lint && !o->places)
		return err_usage(e, "--run-id ID is missing");
	if ((o->mode_name && conf_mode_parse(o->mode_name, &o->mode, e)) ||
	    (o->run_id && run_id_check(o->run_id, e)) ||
	    (o->again && run_id_check_read(o->again, e)) || (o->baseline_id && run_id_check_read(o->baseline_id, e)))
		return -1;
	return 0;
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct cli_rest rest;
	struct err e;
	*o = (struct options){
		.runs_dir = "runs", .progress = "auto", .seed = -1, .shorten = 1};
	int rc = cli_parse(&cli, o, argc, argv, &rest, STDOUT_FILENO);
	if (rc == CLI_RUN && check(o, &rest, &e))
		rc = diag_err(&e);
	cli_rest_release(&rest);
	return rc;
}
