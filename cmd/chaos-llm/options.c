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
	 .help = "report on the run of that name, analysed again by chaos-analyze"},
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
	 .help = "the plain report, without asking a model"},
	{.name = "require-llm",
	 .kind = OPT_FLAG,
	 .offset = offsetof(struct options, require_llm),
	 .help = "exit 6, after the plain report, if no model wrote a valid one"},
	{.name = "provider",
	 .kind = OPT_STR,
	 .arg = "NAME",
	 .offset = offsetof(struct options, provider),
	 .help = "groq, openai, ollama, llamacpp, vllm, openrouter; any other with --base-url "
		 "(llm.provider, else groq)"},
	{.name = "model",
	 .kind = OPT_STR,
	 .arg = "NAME",
	 .offset = offsetof(struct options, model),
	 .help = "which model (llm.model, else the provider's default)"},
	{.name = "fallback",
	 .kind = OPT_LIST,
	 .arg = "NAME",
	 .offset = offsetof(struct options, fallbacks),
	 .help = "a model to try if the one before does not exist; may be repeated "
		 "(llm.fallback_models; for groq openai/gpt-oss-120b)"},
	{.name = "base-url",
	 .kind = OPT_STR,
	 .arg = "URL",
	 .offset = offsetof(struct options, base_url),
	 .help = "the API of another host, up to /v1; no provider's key is sent there but that of "
		 "--api-key-file (llm.base_url)"},
	{.name = "api-key-file",
	 .kind = OPT_STR,
	 .arg = "FILE",
	 .offset = offsetof(struct options, api_key_file),
	 .help = "holds the key (llm.api_key_file, else the provider's variable, as GROQ_API_KEY)"},
	{.name = "temperature",
	 .kind = OPT_DOUBLE,
	 .arg = "N",
	 .min = 0,
	 .max = 2,
	 .offset = offsetof(struct options, temperature),
	 .help = "sampling temperature, 0 to 2 (llm.temperature, else 0.2)"},
	{.name = "max-words",
	 .kind = OPT_INT,
	 .arg = "N",
	 .min = 20,
	 .max = 5000,
	 .offset = offsetof(struct options, max_words),
	 .help = "length of the report in words (llm.max_words, else 300)"},
	{.name = "timeout",
	 .kind = OPT_SPAN,
	 .arg = "D",
	 .min = 0.1,
	 .max = 3600,
	 .offset = offsetof(struct options, timeout_ns),
	 .help = "time limit for all requests to models (llm.timeout, else 60s)"},
	{.name = "redact",
	 .kind = OPT_FLAG,
	 .offset = offsetof(struct options, redact),
	 .help = "send aliases in place of the names of nodes and hosts (on; --no-redact)"},
	{.name = "show-prompt",
	 .kind = OPT_FLAG,
	 .offset = offsetof(struct options, show_prompt),
	 .help = "print the body of the first request, send nothing"},
	{.name = "tls-insecure-loopback",
	 .kind = OPT_FLAG,
	 .offset = offsetof(struct options, insecure_loopback),
	 .help = "do not verify the certificate of a host of this machine; others are always verified"},
};

static const char *const uses[] = {
	"--run-id ID [--baseline-id ID]",
	"[--events FILE] [FILE]",
	NULL,
};

static const char *const examples[] = {
	"chaos-llm --baseline-id baseline1 --run-id run1",
	"chaos-llm --run-id run1 --provider ollama --model llama3.1",
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
