#include "options.h"

#include "base/buf.h"
#include "cli/diag.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define AT(field) .offset = offsetof(struct options, field)

static const struct opt table[] = {
	{"run-id", 0, OPT_STR, "ID",
	 "report on the run of that name, analysed again by chaos-analyze", AT(run_id)},
	{"baseline-id", 0, OPT_STR, "ID", "compare it with the run of that name", AT(baseline_id)},
	{"runs-dir", 0, OPT_STR, "DIR", "where the runs are (runs)", AT(runs_dir)},
	{"events", 0, OPT_STR, "FILE",
	 "events of the run, for the timeline (with --run-id: those of its folder)", AT(events)},
	{"config", 0, OPT_STR, "FILE", "thresholds for the analysis (config.yaml, if there is one)",
	 AT(config)},
	{"output", 'o', OPT_STR, "FILE", "write the report to FILE (stdout)", AT(output)},
	{"no-model", 0, OPT_FLAG, NULL, "the plain report, without asking a model", AT(no_model)},
	{"require-llm", 0, OPT_FLAG, NULL,
	 "exit 6, after the plain report, if no interpretation can be shown", AT(require_llm)},
	{"provider", 0, OPT_STR, "NAME",
	 "groq, openai, ollama, llamacpp, vllm, openrouter; any other with --base-url "
	 "(llm.provider, else groq)", AT(provider)},
	{"model", 0, OPT_STR, "NAME", "which model (llm.model, else the provider's default)",
	 AT(model)},
	{"fallback", 0, OPT_LIST, "NAME",
	 "a model to try if the one before does not exist; may be repeated "
	 "(llm.fallback_models; for groq openai/gpt-oss-120b)", AT(fallbacks)},
	{"base-url", 0, OPT_STR, "URL",
	 "the API of another host, up to /v1; no provider's key is sent there but that of "
	 "--api-key-file (llm.base_url)", AT(base_url)},
	{"api-key-file", 0, OPT_STR, "FILE",
	 "holds the key (llm.api_key_file, else the provider's variable, as GROQ_API_KEY)",
	 AT(api_key_file)},
	{"temperature", 0, OPT_DOUBLE, "N",
	 "sampling temperature, 0 to 2 (llm.temperature, else 0.2)",
	 AT(temperature), .min = 0, .max = 2},
	{"max-words", 0, OPT_INT, "N", "length of the report in words (llm.max_words, else 300)",
	 AT(max_words), .min = 20, .max = 5000},
	{"timeout", 0, OPT_SPAN, "D",
	 "time limit for all requests to models (llm.timeout, else 60s)",
	 AT(timeout_ns), .min = 0.1, .max = 3600},
	{"redact", 0, OPT_FLAG, NULL,
	 "send aliases in place of the names of nodes and hosts (on; --no-redact)", AT(redact)},
	{"show-prompt", 0, OPT_FLAG, NULL, "print the body of the first request, send nothing",
	 AT(show_prompt)},
	{"tls-insecure-loopback", 0, OPT_FLAG, NULL,
	 "do not verify the certificate of a host of this machine; others are always verified",
	 AT(insecure_loopback)},
	{"numbers", 0, OPT_STR, "WAY", "gone", AT(numbers), .hidden = true},
};

static const struct cli cli = {
	.program = "chaos-llm",
	.summary = "writes a report in words: analysis JSON in, Markdown out",
	.uses = {
		"--run-id ID [--baseline-id ID]",
		"[--events FILE] [FILE]",
	},
	.opts = table, .opt_count = ARRAY_LEN(table),
	.examples = {
		"chaos-llm --baseline-id baseline1 --run-id run1",
		"chaos-llm --run-id run1 --provider ollama --model llama3.1",
		"chaos-analyze --events events.jsonl < samples.csv | chaos-llm --events events.jsonl",
	},
};

static int check(struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (rest->count > 1)
		return err_usage(e, "one file at most, but '%s' follows '%s'", rest->items[1],
				 rest->items[0]);
	if (o->numbers)
		return err_usage(e, "--numbers is gone: the numbers in a model's words are always filled in from the analysis");
	o->file = rest->items[0];
	if (o->run_id && o->file)
		return err_usage(e, "both --run-id and the file '%s' are given", o->file);
	if (o->baseline_id && !o->run_id)
		return err_usage(e, "--baseline-id needs --run-id; for other samples, pipe "
				    "'chaos-analyze --baseline FILE' into this");
	if (o->no_model && (o->require_llm || o->show_prompt))
		return err_usage(e, "--no-model and %s exclude each other",
				 o->show_prompt ? "--show-prompt" : "--require-llm");
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
	*o = (struct options){.runs_dir = "runs", .redact = true, .temperature = -1};
	int rc = cli_parse(&cli, o, argc, argv, &rest, STDOUT_FILENO);
	if (rc == CLI_RUN && check(o, &rest, &e)) {
		rc = diag_err(&e);
		options_release(o);
	}
	cli_rest_release(&rest);
	return rc;
}

void options_release(struct options *o)
{
	str_list_release(&o->fallbacks);
}
