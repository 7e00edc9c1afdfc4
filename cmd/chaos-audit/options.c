#include "options.h"

#include "base/units.h"
#include "cli/diag.h"
#include "net/read_back.h"
#include "run/run.h"
#include "sys/file.h"

#include <unistd.h>

#define AT(field) .offset = offsetof(struct options, field)

static const struct opt table[] = {
	{"run-id", 'r', OPT_STR, "ID", "audit the run of that name: its samples, load summary and events", AT(run_id)},
	{"runs-dir", 0, OPT_STR, "DIR", "where the runs are (default runs)", AT(runs_dir)},
	{"load", 0, OPT_STR, "NAME", "which load of the run, if several were audited", AT(load)},
	{"events", 0, OPT_STR, "FILE", "events of the run, which tell before and after (with --run-id: its own)", AT(events)},
	{"prefix", 0, OPT_STR, "PREFIX",
	 "what the keys of the marks start with (default: as the load summary or --from says, else the one of "
	 "chaos:audit: on the servers whose time is that of the first row)",
	 AT(prefix)},
	{"shards", 0, OPT_INT, "N", "how many primaries there are at rest (default 1; a cluster says so itself)", AT(shards),
	 .min = 1, .max = 1000},
	{"wait", 0, OPT_INT, "N", "replicas that each write waited for (default: as the load summary says)", AT(wait),
	 .min = 1, .max = 1000},
	{"timeout", 't', OPT_SPAN, "D", "how long the servers may take to come to rest (default 30s)", AT(timeout_ns),
	 .min = 0, .max = 86400},
	{"urls", 0, OPT_STR, "FILE|fd:N", "more URLs, a line each: what an argument says, a password say, every user here can see",
	 AT(urls)},
	{"audit-http", 0, OPT_STR, "REQUEST",
	 "the URLs are an HTTP store, and a write of it is read back as this line of chaos-load's --requests says: 'GET "
	 "/items/{slot}'; or @FILE, where it is (with --run-id: as the load said)",
	 AT(audit_http)},
	{"op", 0, OPT_STR, "OP", "HTTP: which rows are writes (default: the one op with {slot} that is no GET)", AT(op)},
	{"rps", 0, OPT_INT, "N", "HTTP: read at most this many writes a second (default 1000)", AT(rps), .min = 1, .max = 1000000},
	{"seed", 0, OPT_INT, "N", "HTTP: of {seed} in the request (default: as the load summary says, else 1)", AT(seed), .min = 0,
	 .max = 9e15},
	{"user-file", 0, OPT_STR, "FILE", "HTTP: basic authentication, USER:PASSWORD in this file", AT(user_file)},
	{"bearer-file", 0, OPT_STR, "FILE", "HTTP: authentication by the token in this file", AT(bearer_file)},
	{"cacert", 0, OPT_STR, "FILE", "https, rediss: trust the authorities in this PEM file alone", AT(cacert)},
	{"insecure", 'k', OPT_FLAG, NULL, "https, rediss: do not check certificates", AT(insecure)},
	{"save", 0, OPT_STR, "FILE", "keep what was read back there", AT(save)},
	{"from", 0, OPT_STR, "FILE", "take what was read back from there, and ask no server", AT(from)},
	{"list", 0, OPT_STR, "FILE", "write each lost, phantom and recovered write there, as CSV", AT(list)},
	{"text", 0, OPT_FLAG, NULL, "one line for people, in place of JSON", AT(text)},
};

static const struct cli cli = {
	.program = "chaos-audit",
	.summary = "tells which acknowledged writes were lost, by reading back the marks of an audited load",
	.uses = {
		"[options] URL... < samples.csv",
		"--run-id ID [options] [URL...]",
		"--from FILE [options] < samples.csv",
	},
	.opts = table, .opt_count = ARRAY_LEN(table),
	.examples = {
		"chaos-audit redis://127.0.0.1:6379 redis://127.0.0.1:6380 < samples.csv",
		"chaos-audit --text --run-id latest",
		"chaos-audit --audit-http 'GET /items/{slot}' http://127.0.0.1:8080 < samples.csv",
		"chaos-audit --save marks.jsonl redis://127.0.0.1:6379 < samples.csv > audit.json",
		"chaos-audit --from marks.jsonl --list lost.csv < samples.csv",
	},
};

static int check(struct options *o, struct err *e)
{
	if (o->from && (o->save || o->rest.count || o->urls))
		return err_usage(e, "--from asks no server; %s does not go with it", o->save ? "--save" : "a URL");
	if (o->user_file && o->bearer_file)
		return err_usage(e, "--user-file and --bearer-file do not go together");
	if (o->audit_http && (o->prefix || o->from))
		return err_usage(e, "--%s is for marks on Redis; --audit-http does not go with it", o->prefix ? "prefix" : "from");
	if (!o->run_id && o->load)
		return err_usage(e, "--load is for --run-id");
	if (!o->run_id && isatty(STDIN_FILENO))
		return err_usage(e, "the rows come from standard input: chaos-audit URL < samples.csv; or --run-id ID");
	if (!o->run_id && !o->from && !o->rest.count && !o->urls)
		return err_usage(e, "no server is given: name the URLs of the servers; see 'chaos-audit --help'");
	if (o->run_id && run_id_check_read(o->run_id, e))
		return err_prefix(e, "--run-id");
	if (o->save && file_writable(o->save, e))
		return err_prefix(e, "--save");
	if (o->cacert && !file_exists(o->cacert))
		return err_usage(e, "--cacert: there is no '%s'", o->cacert);
	if (read_back_file(&o->audit_http, &o->audit_file, e))
		return -1;
	return o->list && file_writable(o->list, e) ? err_prefix(e, "--list") : 0;
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct err e;
	*o = (struct options){.runs_dir = "runs", .shards = 1, .timeout_ns = 30 * NS_PER_S, .rps = 1000, .seed = -1,
			      .audit_file = BUF_INIT};
	int rc = cli_parse(&cli, o, argc, argv, &o->rest, STDOUT_FILENO);
	if (rc != CLI_RUN || check(o, &e) == 0)
		return rc;
	options_release(o);
	return diag_err(&e);
}

void options_release(struct options *o)
{
	buf_release(&o->audit_file);
	cli_rest_release(&o->rest);
}
