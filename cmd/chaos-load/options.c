#include "options.h"

#include "base/clock.h"
#include "base/num.h"
#include "base/units.h"
#include "net/read_back.h"
#include "requests/http_opts.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RATE_MAX  1e6
#define AT(field) .offset = offsetof(struct load_opts, field)

static const struct opt table[] = {
	{"rps", 'r', OPT_DOUBLE, "N", "requests per second, over all nodes; may be a fraction",
	 AT(rps), .max = RATE_MAX},
	{"duration", 'd', OPT_SPAN, "D",
	 "how long requests fall due: 20, 90s, 1m30s (default: until a signal or the end of input)",
	 AT(duration_ns), .min = 1e-3, .max = 3e8},
	{"profile", 'p', OPT_STR, "STEPS",
	 "instead of --rps and --duration: '30s@50, 20s@50..500, 10s@0' is 50/s, a ramp, a pause; "
	 "'1m@50..500/4' is four stairs, '1m@50~20/10s' a wave of 20 up and down in 10 s",
	 AT(profile_text)},
	{"replay", 0, OPT_STR, "FILE",
	 "instead of --rps: requests are due as the column timestamp of this CSV says, counted "
	 "from "
	 "the first",
	 AT(replay)},
	{"speed", 0, OPT_DOUBLE, "N", "replay N times as fast (default 1)", AT(speed), .min = 1e-3,
	 .max = 1e6},
	{"arrivals", 0, OPT_CHOICE, "KIND",
	 "how slots fall within the rate: constant, evenly (the default); poisson, at random",
	 AT(arrivals), .choices = "constant|poisson"},
	{"shard", 0, OPT_STR, "I/N",
	 "send only every N-th slot of the schedule, from the I-th on: one of N generators",
	 AT(shard_text)},
	{"method", 'X', OPT_STR, "M",
	 "HTTP method (default: GET; POST with a body or for a URL without a path)", AT(method)},
	{"header", 'H', OPT_LIST, "'NAME: VALUE'", "HTTP header; may be given several times",
	 AT(headers)},
	{"body", 'b', OPT_STR, "TEXT|@FILE", "HTTP request body", AT(body)},
	{"requests", 0, OPT_STR, "FILE",
	 "what to ask for, a line each: a JSON object, or [METHOD] URL [WEIGHT] [@BODY]; see "
	 "REQUESTS",
	 AT(requests), .once = true},
	{"targets", 0, OPT_STR, "FILE", "the same as --requests", AT(requests), .once = true},
	{"urls", 0, OPT_STR, "FILE|fd:N",
	 "more URLs, a line each: what an argument says, a password say, every user here can see",
	 AT(urls)},
	{"expect", 0, OPT_STR, "STATUSES",
	 "HTTP: which are successes, as '200-299,304' (default 200-399; 400 and more cannot be)",
	 AT(expect)},
	{"user-file", 0, OPT_STR, "FILE", "HTTP: basic authentication, USER:PASSWORD in this file",
	 AT(user_file)},
	{"bearer-file", 0, OPT_STR, "FILE", "HTTP: authentication by the token in this file",
	 AT(bearer_file)},
	{"location", 'L', OPT_FLAG, NULL,
	 "HTTP: follow redirects, ten at most; a body is not sent again", AT(location)},
	{"timeout", 't', OPT_SPAN, "D", "give a request up this long after it was due (default 5s)",
	 AT(timeout_ns), .min = 1e-3, .max = 86400},
	{"connect-timeout", 0, OPT_SPAN, "D",
	 "give up connecting after this time (default: only with the request)",
	 AT(connect_timeout_ns), .min = 1e-3, .max = 86400},
	{"connections", 'c', OPT_INT, "N",
	 "sockets to use at most, shared out among the nodes (default: one for each request under "
	 "way, "
	 "as far as descriptors go)",
	 AT(connections), .min = 1, .max = 1e6},
	{"max-inflight", 'm', OPT_INT, "N",
	 "requests queued and sent at most, shared out among the nodes; what is due beyond is "
	 "not sent, and has a row that says so (default: what falls due within a timeout, at least "
	 "1024, for each node)",
	 AT(max_inflight), .min = 1, .max = 1e7},
	{"key", 0, OPT_STR, "NAME", "Redis: the counter to INCR and GET (default chaos:counter)",
	 AT(key)},
	{"pipeline", 0, OPT_INT, "N",
	 "Redis: what is due goes out without waiting for earlier answers, up to N commands under way on each connection; "
	 "one is filled before the next is used (default 1)",
	 AT(pipeline), .min = 1, .max = 10000},
	{"audit", 0, OPT_STR, "PREFIX",
	 "Redis: each request sets its slot's own bit, for chaos-audit, in keys that start so "
	 "(default chaos:audit:RUN)",
	 AT(audit), .bare = ""},
	{"audit-http", 0, OPT_STR, "REQUEST",
	 "HTTP: each request that writes {slot} is looked for by chaos-audit, which asks as this line says: 'GET "
	 "/items/{slot}'; or @FILE, where it is",
	 AT(audit_http)},
	{"wait", 0, OPT_INT, "N",
	 "Redis: WAIT for N replicas behind each write, for half the timeout; rows get the column replicas",
	 AT(wait_replicas), .min = 1, .max = 1000},
	{"audit-run", 0, OPT_STR, "RUN", "what the default prefix of --audit ends in", AT(audit_run),
	 .hidden = true},
	{"keep-alive", 0, OPT_FLAG, NULL,
	 "HTTP: use connections again (the default); --no-keep-alive opens one for each request",
	 AT(keep_alive)},
	{"http2", 0, OPT_FLAG, NULL,
	 "HTTP/2 and nothing else: https:// by negotiation, http:// at once; --connections is then "
	 "requests under way, which share connections",
	 AT(http2)},
	{"proxy", 'x', OPT_STR, "URL",
	 "HTTP: by way of this proxy; env: of what the environment says (default: of none)",
	 AT(proxy)},
	{"unix-socket", 0, OPT_STR, "PATH", "connect to this socket, whatever the URL's host is",
	 AT(unix_socket)},
	{"via", 0, OPT_LIST, "URL=HOST:PORT",
	 "connect to that address for this URL, as to a chaos-proxy before it; rows and requests keep "
	 "the URL; may be given several times",
	 AT(via)},
	{"via-nodes", 0, OPT_LIST, "URL=HOST:PORT", "the same, for URLs that requests may have", AT(via_nodes),
	 .hidden = true},
	{"cacert", 0, OPT_STR, "FILE", "https, rediss: trust the authorities in this PEM file alone",
	 AT(cacert)},
	{"insecure", 'k', OPT_FLAG, NULL, "https, rediss: do not check who the node is", AT(insecure)},
	{"engine", 0, OPT_CHOICE, "E",
	 "who speaks HTTP: own for plain HTTP/1.1, curl for all, auto (the default) own where it "
	 "can",
	 AT(engine), .choices = "auto|own|curl"},
	{"control", 0, OPT_FLAG, NULL,
	 "read rate changes from standard input; its end stops the load", AT(control)},
	{"check", 'n', OPT_FLAG, NULL, "check options and files; send nothing", AT(check)},
	{"load-name", 0, OPT_STR, "NAME", "what the events call this load, of several", AT(load_name)},
	{"summary", 0, OPT_STR, "FILE", "write the load summary there at the end, as JSON",
	 AT(summary)},
	{"columns", 0, OPT_CHOICE, "WHICH",
	 "a further column of the samples: wait_ms, how long a request waited for a free "
	 "connection",
	 AT(columns), .choices = "wait_ms"},
	{"events", 0, OPT_STR, "FILE|fd:N", "append an event for each change of rate there",
	 AT(events)},
	{"start-at", 0, OPT_DOUBLE, "EPOCH", "UNIX time of slot 0, in seconds (default: now)",
	 AT(start_at), .min = 1, .max = 1e11},
	{"resume", 0, OPT_FLAG, NULL, "with --start-at: leave out, and count, what was due before this begins",
	 AT(resume)},
	{"pace-slack", 0, OPT_SPAN, "D",
	 "how much later than due a request may be sent (default 1ms); up to 10ms of it\nare used to share a wake-up",
	 AT(pace_slack_ns), .min = 0, .max = 10},
	{"seed", 0, OPT_INT, "N", "seed of whatever is random, noted in the summary (default 1)",
	 AT(seed)},
	{"progress", 0, OPT_CHOICE, "STYLE",
	 "what is told each second on standard error: auto (the default), a line on a terminal; "
	 "plain, "
	 "lines; json, objects; none",
	 AT(progress), .choices = "auto|plain|json|none"},
	{"quiet", 'q', OPT_FLAG, NULL, "no line of totals on standard error at the end", AT(quiet)},
	{"anchor", 0, OPT_INT, "NS", "wall clock minus monotonic clock", AT(anchor_ns),
	 .hidden = true},
};

static const struct cli cli = {
	.program = "chaos-load",
	.summary = "sends requests on an open-loop schedule, and writes one CSV row for each",
	.uses = {
		"[--rps N] [--duration D] [options] URL...",
		"--profile STEPS [options] URL...",
		"--replay FILE [--speed N] [options] URL...",
		"--rps N --requests FILE [options] [URL...]",
		"--control [--rps N] [options] URL... < commands",
	},
	.opts = table, .opt_count = ARRAY_LEN(table),
	.examples = {
		"chaos-load --rps 50 --duration 20 http://127.0.0.1:8001 http://127.0.0.1:8002 > "
		"samples.csv",
		"chaos-load --rps 100 --duration 30s redis://127.0.0.1:6379 redis://127.0.0.1:6380 | "
		"chaos-analyze",
		"chaos-load --profile '10s@50, 20s@50..500, 5s@0' http://127.0.0.1:8001/ > samples.csv",
		"chaos-load --replay yesterday.csv --speed 2 http://127.0.0.1:8001/ > samples.csv",
		"chaos-load -r 100 -d 1m --requests mix.jsonl --bearer-file token http://127.0.0.1:8001",
		"chaos-load -r 500 -d 1m --audit redis://127.0.0.1:6379 redis://127.0.0.1:6380 > samples.csv",
		"chaos-load -r 10 -d 1m -X PUT -b @item.json -H 'X-Run: 7' http://127.0.0.1:8001/items/1",
	},
};

/* What the schedule is made from: exactly one of these, or nothing with --control. */
static int check_rate(const struct load_opts *o, struct err *e)
{
	const char *plan = o->profile_text ? "profile" : o->replay ? "replay" : NULL;
	bool random = strcmp(o->arrivals, "constant") != 0;
	if (o->speed > 0 && !o->replay)
		return err_usage(e, "--speed is for --replay");
	if (o->profile_text && o->replay)
		return err_usage(e, "--profile and --replay do not go together");
	if (plan && (o->rps >= 0 || (o->duration_ns && !o->replay)))
		return err_usage(e, "--%s says %s; --%s does not go with it", plan,
				 o->replay ? "when" : "rate and duration",
				 o->rps >= 0 ? "rps" : "duration");
	if (o->replay && random)
		return err_usage(e, "--arrivals and --replay do not go together: the log sets the due times");
	if (plan)
		return 0;
	if (o->rps < 0 && !o->control)
		return err_usage(e, "no rate is given: --rps N sets the requests per second, --profile a rate that changes");
	if (!(o->rps > 0) && !o->control)
		return err_usage(e, "--rps 0 sends nothing; only with --control can it be raised");
	return 0;
}

static int read_profile(struct load_opts *o, struct err *e)
{
	if (!o->profile_text)
		return 0;
	if (rate_profile_parse(o->profile_text, RATE_MAX, &o->profile, e))
		return err_prefix(e, "--profile");
	o->duration_ns = o->profile.length_ns;
	for (size_t i = 0; i < o->profile.count; i++)
		if (o->profile.steps[i].from > 0 || o->profile.steps[i].to > 0)
			return 0;
	return err_usage(e, "--profile '%s' sends nothing", o->profile_text);
}

/* A replay's schedule ends one microsecond after its last slot. */
static int read_replay(struct load_opts *o, struct err *e)
{
	if (!o->replay)
		return 0;
	if (replay_read(&o->times, o->replay, o->speed > 0 ? o->speed : 1, e))
		return err_prefix(e, "--replay");
	int64_t last_ns = o->times.at_ns[o->times.count - 1];
	if (!o->duration_ns && !o->control)
		o->duration_ns = (last_ns / NS_PER_US + 1) * NS_PER_US;
	return 0;
}

/* True if all commands of --control can be read at the start: standard input is a file. */
static bool commands_are_known(void)
{
	struct stat in;
	return fstat(STDIN_FILENO, &in) == 0 && S_ISREG(in.st_mode);
}

static int read_shard(struct load_opts *o, struct err *e)
{
	char first[32] = "";
	const char *slash = o->shard_text ? strchr(o->shard_text, '/') : NULL;
	o->shards = 1;
	if (!o->shard_text)
		return 0;
	if (o->control && !commands_are_known())
		return err_usage(e, "--shard goes with --control only if standard input is a file: commands "
				    "that come at their own times would tear the shards apart");
	if (slash && (size_t)(slash - o->shard_text) < sizeof first)
		memcpy(first, o->shard_text, (size_t)(slash - o->shard_text));
	if (!slash || num_i64(slash + 1, 1, 1000000, &o->shards) ||
	    num_i64(first, 1, o->shards, &o->shard))
		return err_usage(e, "--shard: '%s' is not I/N with I from 1 to N", o->shard_text);
	o->shard--;
	return 0;
}

/* The prefix is part of a key, a summary and a message. */
static int read_audit(struct load_opts *o, struct err *e)
{
	char when[32];
	time_t now = time(NULL);
	struct tm utc;
	if (!o->audit)
		return 0;
	for (const char *s = o->audit; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 127)
			return err_usage(e, "--audit: '%s' has a blank or control character", o->audit);
	if (strlen(o->audit) > 200)
		return err_usage(e, "--audit: a prefix has 200 bytes at most");
	if (*o->audit)
		return 0;
	if (o->shard_text && !o->audit_run)
		return err_usage(e, "--audit with --shard needs --audit=PREFIX, the same for all shards of the load");
	strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
	o->audit = o->audit_own = o->audit_run ? mem_printf("chaos:audit:%s", o->audit_run)
					       : mem_printf("chaos:audit:%s-%d", when, (int)getpid());
	return 0;
}

/* A start in the past would send all missed slots at once. A short delay is tolerated: the parent
 * process may have been late. */
static int check_start(const struct load_opts *o, struct err *e)
{
	struct anchor a = o->anchor_ns ? (struct anchor){o->anchor_ns} : anchor_now();
	double past_s = anchor_unix_s(&a, mono_ns()) - o->start_at;
	if (o->resume && !(o->start_at > 0))
		return err_usage(e, "--resume continues the schedule that began at --start-at, which is not given");
	if (o->resume && o->control && !commands_are_known())
		return err_usage(e, "--resume goes with --control only if standard input is a file: else the commands of "
				    "before are not known");
	if (o->start_at > 0 && !o->resume && past_s > ns_to_s(o->timeout_ns))
		return err_usage(e, "--start-at %.3f was %.1f s ago", o->start_at, past_s);
	return 0;
}

/* What was closed is open the wrong way round: see fd_guard_standard. */
static bool opened(int fd, int other_way)
{
	int mode = fcntl(fd, F_GETFL);
	return mode >= 0 && (mode & O_ACCMODE) != other_way;
}

static int check_streams(const struct load_opts *o, struct err *e)
{
	if (!opened(STDOUT_FILENO, O_RDONLY))
		return err_usage(e, "standard output is closed; rows go there");
	if (o->control && !opened(STDIN_FILENO, O_WRONLY))
		return err_usage(e, "standard input is closed; --control reads from there");
	struct stat in; /* a folder would look like the end of input */
	if (o->control && fstat(STDIN_FILENO, &in) == 0 && S_ISDIR(in.st_mode))
		return err_usage(e, "standard input is a folder; --control reads from there");
	return 0;
}

static int check(struct load_opts *o, const struct cli_rest *rest, struct err *e)
{
	if (!rest->count && !o->requests && !o->urls)
		return err_usage(e, "no target is given: name one or more URLs; see 'chaos-load --help'");
	if (read_back_file(&o->audit_http, &o->audit_file, e) || check_rate(o, e) || read_profile(o, e) || read_replay(o, e) || read_shard(o, e) ||
	    http_opts_check(o, e) || read_audit(o, e) || check_start(o, e) || check_streams(o, e))
		return -1;
	return o->summary && file_writable(o->summary, e) ? err_prefix(e, "--summary") : 0;
}

int options_parse(struct load_opts *o, struct cli_rest *rest, int argc, char **argv, struct err *e)
{
	*o = (struct load_opts){.rps = -1,
				.timeout_ns = 5 * NS_PER_S,
				.pace_slack_ns = NS_PER_MS,
				.seed = 1,
				.engine = "auto",
				.arrivals = "constant",
				.progress = "auto",
				.audit_file = BUF_INIT,
				.keep_alive = true};
	int rc = cli_read(&cli, o, argc, argv, rest, STDOUT_FILENO, e);
	if (rc == CLI_RUN && check(o, rest, e))
		rc = e->code;
	return rc;
}

static bool is_option(const char *name, size_t len)
{
	bool found = false;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		found = found || (strlen(table[i].name) == len && strncmp(table[i].name, name, len) == 0);
	return found || (len > 3 && strncmp(name, "no-", 3) == 0 && is_option(name + 3, len - 3));
}

struct json *options_named(const char *message)
{
	struct json *names = json_array_new();
	for (const char *at = message; (at = strstr(at, "--"));) {
		size_t len = strspn(at += 2, "abcdefghijklmnopqrstuvwxyz0123456789-");
		char *name = mem_printf("%.*s", (int)len, at);
		if (is_option(name, len))
			json_push_str(names, name);
		free(name);
		at += len;
	}
	return names;
}

void options_release(struct load_opts *o)
{
	str_list_release(&o->headers);
	free(o->audit_own);
	buf_release(&o->audit_file);
	str_list_release(&o->via);
	str_list_release(&o->via_nodes);
	rate_profile_release(&o->profile);
	times_release(&o->times);
}
