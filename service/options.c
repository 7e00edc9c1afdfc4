#include "options.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/num.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/diag.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS_MAX = 1024 };

static const struct opt table[] = {
	{"port", 'p', OPT_INT, "N",
	 "listen on this port (8001); 0 takes a free one and prints it on\nstdout",
	 offsetof(struct options, port), .min = 0, .max = 65535},
	{"name", 'n', OPT_STR, "NAME", "the node's name, given in every answer (chaos-node)",
	 .offset = offsetof(struct options, name)},
	{"delay", 'd', OPT_STR, "MIN..MAX",
	 "how long a piece of work takes: evenly spread over this range\n(10..150); bare numbers "
	 "are milliseconds",
	 .offset = offsetof(struct options, delay)},
	{"workers", 'w', OPT_INT, "N", "pieces of work done at once; more wait their turn (64)",
	 offsetof(struct options, workers), .min = 1, .max = WORKERS_MAX},
	{"bind", 'b', OPT_STR, "ADDRESS", "listen on this numeric address (127.0.0.1)",
	 .offset = offsetof(struct options, bind)},
	{"port-file", 0, OPT_STR, "FILE", "write the port to FILE as soon as connections are taken",
	 .offset = offsetof(struct options, port_file)},
	{"check", 0, OPT_FLAG, NULL,
	 "ask the node on --port whether it is well: exit 0, else 1; for the\nhealth check of a "
	 "container",
	 .offset = offsetof(struct options, check)},
	{"seed", 0, OPT_INT, "N", "make the delays repeatable (drawn at the start)",
	 offsetof(struct options, seed), .min = 0, .max = 9007199254740992.0},
};

static const struct cli cli = {
	.program = "chaos-node",
	.summary = "a small HTTP service to break: GET /health, POST /work, GET /state",
	.uses = {"[options]"},
	.opts = table, .opt_count = ARRAY_LEN(table),
	.examples = {
		"chaos-node --port 8001 --name service-node-1",
		"chaos-node --port 0 --delay 5..20 --workers 4",
	},
};

static int delay_one(const char *text, int64_t *ns)
{
	double ms;
	if (num_double(text, 0, 1e7, &ms) == 0) {
		*ns = ms_to_ns(ms);
		return 0;
	}
	return span_parse(text, ns);
}

/* "10..150", "10ms..1.5s", "20": a range of time spans; bare numbers are milliseconds. */
static int delay_parse(const char *text, int64_t *min_ns, int64_t *max_ns, struct err *e)
{
	char low[64];
	const char *dots = strstr(text, ".."), *high = text;
	size_t len = dots ? (size_t)(dots - text) : strlen(text);
	if (len < sizeof low) {
		memcpy(low, text, len);
		low[len] = '\0';
		if (dots)
			high = dots + 2;
		else
			high = low;
		if (delay_one(low, min_ns) == 0 && delay_one(high, max_ns) == 0 &&
		    *min_ns <= *max_ns)
			return 0;
	}
	return err_usage(e, "--delay: '%s' is not a range of times, low to high (10..150, 5ms..1s)",
			 text);
}

static int check(struct options *o, struct err *e)
{
	if (!name_is_plain(o->name))
		return err_usage(e, "--name: '%s' is no node name: 1 to %d of A-Z a-z 0-9 . _ -",
				 o->name, NAME_LETTERS_MAX);
	if (o->check && o->port == 0)
		return err_usage(e, "--check needs --port N");
	return delay_parse(o->delay, &o->delay_min_ns, &o->delay_max_ns, e);
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct cli_rest rest;
	struct err e = {0};
	*o = (struct options){.port = 8001,
			      .workers = 64,
			      .seed = -1,
			      .name = "chaos-node",
			      .bind = "127.0.0.1",
			      .delay = "10..150"};
	int rc = cli_parse(&cli, o, argc, argv, &rest, STDOUT_FILENO);
	if (rc == CLI_RUN && rest.count)
		err_usage(&e, "unexpected '%s'; the node takes options only", rest.items[0]);
	else if (rc == CLI_RUN)
		check(o, &e);
	if (rc == CLI_RUN && e.code)
		rc = diag_err(&e);
	cli_rest_release(&rest);
	if (o->seed < 0)
		o->seed = (mono_ns() ^ ((int64_t)getpid() << 20)) & INT64_C(0xffffffff);
	return rc;
}
