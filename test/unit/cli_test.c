#include "base/buf.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/diag.h"

#include "unit.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct options {
	bool verbose, quiet, control;
	const char *file, *mode, *audit;
	int64_t count, delta, any;
	double rate, free_rate;
	int64_t span_ns, bounded_ns;
	struct str_list headers;
};

#define AT(field) offsetof(struct options, field)
static const struct opt table[] = {
	{"verbose", 'v', OPT_FLAG, NULL, "say more", AT(verbose), 0, 0, NULL, false, false, NULL},
	{"quiet", 'q', OPT_FLAG, NULL, "say less\n.and less\\", AT(quiet), 0, 0, NULL, false, false, NULL},
	{"wide", 0, OPT_FLAG, NULL,
	 "words that an author broke\nwhere the table was narrow, and which are put together "
	 "again\n\na paragraph of its own", AT(verbose), 0, 0, NULL, false, false, NULL},
	{"control", 0, OPT_FLAG, NULL, "read commands", AT(control), 0, 0, NULL, false, false, NULL},
	{"file", 'f', OPT_STR, "FILE", ".starts with a dot", AT(file), 0, 0, NULL, false, false, NULL},
	{"count", 'n', OPT_INT, "N", "how many", AT(count), 1, 100, NULL, false, false, NULL},
	{"delta", 0, OPT_INT, "N", "up or down", AT(delta), -5, 5, NULL, false, false, NULL},
	{"any", 0, OPT_INT, "N", "no bounds", AT(any), 0, 0, NULL, false, false, NULL},
	{"rate", 'r', OPT_DOUBLE, "N", "per second", AT(rate), 0.5, 1e6, NULL, false, false, NULL},
	{"free-rate", 0, OPT_DOUBLE, "N", "no bounds", AT(free_rate), 0, 0, NULL, false, false, NULL},
	{"span", 0, OPT_SPAN, "D", "how long", AT(span_ns), 0, 0, NULL, false, false, NULL},
	{"bounded", 0, OPT_SPAN, "D", "1s to 1m", AT(bounded_ns), 1, 60, NULL, false, false, NULL},
	{"header", 'H', OPT_LIST, "H", "may be repeated", AT(headers), 0, 0, NULL, false, false, NULL},
	{"mode", 0, OPT_CHOICE, "MODE", "one of", AT(mode), 0, 0, "http|redis|both", false, false, NULL},
	{"audit", 0, OPT_STR, "PREFIX", "may stand alone", AT(audit), 0, 0, NULL, false, false, "all"},
	{"anchor", 0, OPT_INT, "NS", "for siblings", AT(delta), -5, 5, NULL, true, false, NULL},
};
static const struct cli_command commands[] = {
	{"start", "NODE…", "starts"},
	{"restart", "NODE…", "starts again"},
	{"stop", "NODE…", "stops"},
};
static const struct cli cli = {
	.program = "chaos-test", .summary = "tests", .uses = {"[OPTION…] URL…", "--control"},
	.opts = table, .opt_count = ARRAY_LEN(table),
	.commands = commands, .command_count = ARRAY_LEN(commands),
	.examples = {"chaos-test --rate 5 http://h"},
};

/* One parse of a line of words that are separated by '|'. */
struct parsed {
	struct options o;
	struct cli_rest rest;
	int code;
	char err[2048], out[16384];
	char words[2048];
	char *argv[64];
	int argc;
};

static void slurp(int fd, char *to, size_t size)
{
	ssize_t n = read(fd, to, size - 1);
	to[n > 0 ? n : 0] = '\0';
	close(fd);
}

static void parse(struct parsed *p, const char *line)
{
	int out[2], err[2], saved = dup(STDERR_FILENO);
	memset(p, 0, sizeof *p);
	p->o.control = true;
	p->argv[p->argc++] = (char *)(uintptr_t)"chaos-test";
	strncpy(p->words, line, sizeof p->words - 1);
	for (char *at = p->words; at && *line;) {
		char *bar = strchr(at, '|');
		if (bar)
			*bar = '\0';
		p->argv[p->argc++] = at;
		at = bar ? bar + 1 : NULL;
	}
	assert_int_equal(pipe(out), 0);
	assert_int_equal(pipe(err), 0);
	diag_program("chaos-test");
	dup2(err[1], STDERR_FILENO);
	p->code = cli_parse(&cli, &p->o, p->argc, p->argv, &p->rest, out[1]);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(out[1]);
	close(err[1]);
	slurp(out[0], p->out, sizeof p->out);
	slurp(err[0], p->err, sizeof p->err);
}

static void end(struct parsed *p)
{
	cli_rest_release(&p->rest);
	str_list_release(&p->o.headers);
}

/* --- values ------------------------------------------------------------------- */

static void every_kind(void **state)
{
	(void)state;
	struct parsed p;
	parse(&p, "-v|--file=a=b|u1|--count|7|--delta|-5|--any|9223372036854775807|--rate|1.5|"
		  "--free-rate=1e300|--span|1m30s|--bounded=60|-H|A: b|--header=C: d|-HE|--mode|redis|u2");
	assert_string_equal(p.err, "");
	assert_int_equal(p.code, CLI_RUN);
	assert_true(p.o.verbose);
	assert_false(p.o.quiet);
	assert_true(p.o.control);
	assert_string_equal(p.o.file, "a=b");
	assert_int_equal(p.o.count, 7);
	assert_int_equal(p.o.delta, -5);
	assert_true(p.o.any == INT64_MAX);
	assert_true(fabs(p.o.rate - 1.5) < 1e-12);
	assert_true(p.o.free_rate > 9e299);
	assert_int_equal(p.o.span_ns, 90 * NS_PER_S);
	assert_int_equal(p.o.bounded_ns, 60 * NS_PER_S);
	assert_int_equal(p.o.headers.count, 3);
	assert_string_equal(p.o.headers.items[0], "A: b");
	assert_string_equal(p.o.headers.items[1], "C: d");
	assert_string_equal(p.o.headers.items[2], "E");
	assert_string_equal(p.o.mode, "redis");
	assert_int_equal(p.rest.count, 2);
	assert_string_equal(p.rest.items[0], "u1");
	assert_string_equal(p.rest.items[1], "u2");
	assert_null(p.rest.items[2]);
	end(&p);
}

/* The word behind a value that may be left out is no value. */
static void bare_value(void **state)
{
	(void)state;
	struct parsed p;
	parse(&p, "--audit|u1");
	assert_string_equal(p.o.audit, "all");
	assert_string_equal(p.rest.items[0], "u1");
	end(&p);
	parse(&p, "--audit|--audit=x:y|u1");
	assert_string_equal(p.o.audit, "x:y");
	end(&p);
	parse(&p, "--audit|--no-audit");
	assert_null(p.o.audit);
	end(&p);
	parse(&p, "--help");
	assert_contains(p.out, "--audit[=PREFIX]");
}

static void defaults_stay(void **state)
{
	(void)state;
	struct parsed p;
	parse(&p, "");
	assert_int_equal(p.code, CLI_RUN);
	assert_true(p.o.control);
	assert_int_equal(p.rest.count, 0);
	assert_null(p.rest.items[0]);
	end(&p);
}

static void bad_values(void **state)
{
	(void)state;
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"--count|0", "--count: '0' is not a whole number from 1 to 100"},
		{"--count|101", "--count: '101' is not a whole number from 1 to 100"},
		{"--count=1x", "'1x' is not a whole number"},
		{"--count=", "'' is not a whole number"},
		{"-n|1.5", "--count: '1.5' is not a whole number"},
		{"--delta|-6", "from -5 to 5"},
		{"--any|-1", "--any: '-1' is not a whole number"},
		{"--any|9223372036854775808", "is not a whole number"},
		{"--rate|0.4", "'0.4' is not a number from 0.5 to 1000000"},
		{"--rate|nan", "'nan' is not a number"},
		{"--free-rate|-1", "--free-rate: '-1' is not a number"},
		{"--span|soon", "--span: 'soon' is not a time span (20, 20s, 150ms, 1m30s)"},
		{"--span|-1", "is not a time span"},
		{"--bounded|61", "--bounded: 61 is not from 1s to 1m"},
		{"--bounded|999ms", "999ms is not from 1s to 1m"},
		{"--mode|htpp", "--mode: unknown 'htpp'; did you mean 'http'?"},
		{"--mode|zebra", "--mode: unknown 'zebra'; it is one of http|redis|both"},
		{"--mode=", "--mode: unknown ''"},
		{"--verbose=1", "--verbose takes no value"},
		{"--count", "--count needs a value: N"},
		{"-vn", "--count needs a value: N"},
		{"--header|a|--header", "--header needs a value: H"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct parsed p;
		parse(&p, cases[i].line);
		assert_int_equal(p.code, EXIT_USAGE);
		assert_contains(p.err, cases[i].message);
		assert_int_equal(strncmp(p.err, "chaos-test: ", 12), 0);
		/* One line, and nothing left to release. */
		assert_ptr_equal(strchr(p.err, '\n'), p.err + strlen(p.err) - 1);
		assert_null(p.rest.items);
		assert_null(p.o.headers.items);
		assert_string_equal(p.out, "");
	}
}

/* --- names -------------------------------------------------------------------- */

static void unknown_names(void **state)
{
	(void)state;
	static const struct {
		const char *line, *message;
	} cases[] = {
		{"--cuont=3", "unknown option '--cuont'; did you mean '--count'?"},
		{"--hlep", "did you mean '--help'?"},
		{"--versoin", "did you mean '--version'?"},
		{"--zebra|x", "unknown option '--zebra'; see 'chaos-test --help'"},
		{"-x", "unknown option '-x'"},
		{"-vx", "unknown option '-x'"},
		{"--no-count", "unknown option '--no-count'"},
		{"--no-verbose=1", "unknown option '--no-verbose'"},
		{"--coun", "did you mean '--count'?"},
		{"--=x", "unknown option '--'"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct parsed p;
		parse(&p, cases[i].line);
		assert_int_equal(p.code, EXIT_USAGE);
		assert_contains(p.err, cases[i].message);
	}
	char monster[1500] = "--";
	memset(monster + 2, 'a', sizeof monster - 3);
	struct parsed p;
	parse(&p, monster);
	assert_int_equal(p.code, EXIT_USAGE);
}

static void flags_off_and_letters_together(void **state)
{
	(void)state;
	struct parsed p;
	parse(&p, "--no-control|-vq|--no-quiet");
	assert_int_equal(p.code, CLI_RUN);
	assert_false(p.o.control);
	assert_true(p.o.verbose);
	assert_false(p.o.quiet);
	end(&p);
	parse(&p, "-vqn5");
	assert_int_equal(p.code, CLI_RUN);
	assert_true(p.o.verbose && p.o.quiet);
	assert_int_equal(p.o.count, 5);
	end(&p);
	parse(&p, "-vqn|5|-");
	assert_int_equal(p.o.count, 5);
	assert_int_equal(p.rest.count, 1);
	assert_string_equal(p.rest.items[0], "-");
	end(&p);
}

static void double_dash_ends_options(void **state)
{
	(void)state;
	struct parsed p;
	parse(&p, "a|--|--count|-v|--|--help");
	assert_int_equal(p.code, CLI_RUN);
	assert_false(p.o.verbose);
	assert_int_equal(p.rest.count, 5);
	assert_string_equal(p.rest.items[1], "--count");
	assert_string_equal(p.rest.items[3], "--");
	assert_string_equal(p.rest.items[4], "--help");
	end(&p);
}

/* A word that is the value of an option is no option, whatever it looks like. */
static void values_that_look_like_options(void **state)
{
	(void)state;
	struct parsed p;
	parse(&p, "--file|--help|-H|-h|-vf|--version");
	assert_int_equal(p.code, CLI_RUN);
	assert_string_equal(p.out, "");
	assert_string_equal(p.o.file, "--version");
	assert_string_equal(p.o.headers.items[0], "-h");
	end(&p);
}

static void commands_are_looked_up(void **state)
{
	(void)state;
	struct err e;
	assert_int_equal(cli_command(&cli, "restart", &e), 1);
	assert_int_equal(cli_command(&cli, "strat", &e), -1);
	assert_int_equal(e.code, EXIT_USAGE);
	assert_says(e.msg, "|'strat'|'start'?");
	assert_int_equal(cli_command(&cli, "frobnicate", &e), -1);
	assert_says(e.msg, "|'frobnicate'|'chaos-test --help'");
}

/* --- what it says of itself ------------------------------------------------------ */

static void help_is_on_the_given_descriptor(void **state)
{
	(void)state;
	static const char *const lines[] = {"--help", "-h", "--bogus|--help", "start|-h"};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct parsed p;
		parse(&p, lines[i]);
		assert_int_equal(p.code, EXIT_OK);
		assert_string_equal(p.err, "");
		assert_contains(p.out, "chaos-test: tests\n");
		assert_contains(p.out, "Usage: chaos-test [OPTION…] URL…\n       chaos-test --control\n");
		assert_contains(p.out, "\n  -n, --count N             how many\n");
		assert_contains(p.out, "\n      --control             read commands\n");
		assert_contains(p.out,
				"\n      --wide                words that an author broke where the table was\n"
				"                            narrow, and which are put together again\n"
				"                            a paragraph of its own\n");
		assert_contains(p.out, "\n  chaos-test --rate 5 http://h\n");
		assert_contains(p.out, "\n  restart NODE…");
		assert_contains(p.out, "--version");
		assert_null(strstr(p.out, "anchor"));
		assert_null(p.rest.items);
	}
}

static void version_mdoc_completion(void **state)
{
	(void)state;
	struct parsed p;
	parse(&p, "--version");
	assert_int_equal(p.code, EXIT_OK);
	assert_int_equal(strncmp(p.out, "chaos-test ", 11), 0);
	assert_ptr_equal(strchr(p.out, '\n'), p.out + strlen(p.out) - 1);
	parse(&p, "--mdoc-options");
	assert_contains(p.out, ".It Fl Fl count Ar N , Fl n\nhow many\n");
	assert_contains(p.out, "\n\\&.starts with a dot\n");
	assert_contains(p.out, "\nsay less\n\\&.and less\\e\n");
	assert_null(strstr(p.out, "anchor"));
	parse(&p, "--completion");
	assert_contains(p.out, "complete -o default -W 'start restart stop --verbose");
	assert_contains(p.out, "--version' chaos-test\n");
	assert_null(strstr(p.out, "anchor"));
}

static void a_full_disk_is_told_a_closed_pipe_is_not(void **state)
{
	(void)state;
	char *argv[] = {(char *)(uintptr_t)"chaos-test", (char *)(uintptr_t)"--help", NULL};
	struct options o = {0};
	struct cli_rest rest;
	int full = open("/dev/full", O_WRONLY), saved = dup(STDERR_FILENO), err[2], gone[2];
	char text[512];
	assert_int_equal(pipe(err), 0);
	dup2(err[1], STDERR_FILENO);
	int code = cli_parse(&cli, &o, 2, argv, &rest, full);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(err[1]);
	close(full);
	slurp(err[0], text, sizeof text);
	assert_int_equal(code, EXIT_RUNTIME);
	assert_string_equal(text, "chaos-test: cannot write: No space left on device\n");

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(gone), 0);
	close(gone[0]);
	assert_int_equal(cli_parse(&cli, &o, 2, argv, &rest, gone[1]), EXIT_OK);
	close(gone[1]);
}

/* Lists without room for a NULL end with their room. */
static void full_lists_end(void **state)
{
	(void)state;
	static const struct cli full = {
		.program = "chaos-test", .summary = "tests",
		.uses = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "use"},
		.opts = table, .opt_count = ARRAY_LEN(table),
		.examples = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "example"},
		.completes = "beyond",
	};
	char program[] = "chaos-test", word[] = "--help", *argv[] = {program, word, NULL}, text[16384];
	struct options o = {0};
	struct cli_rest rest;
	int out[2];
	assert_int_equal(pipe(out), 0);
	assert_int_equal(cli_parse(&full, &o, 2, argv, &rest, out[1]), EXIT_OK);
	close(out[1]);
	slurp(out[0], text, sizeof text);
	assert_contains(text, "chaos-test use\n\nExamples:\n");
	assert_contains(text, "\n  example\n\nOptions:\n");
}

static void messages_are_one_line(void **state)
{
	(void)state;
	char long_text[3000], text[4096];
	int err[2], saved = dup(STDERR_FILENO);
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	assert_int_equal(pipe(err), 0);
	dup2(err[1], STDERR_FILENO);
	diag("a '%s'", "b\nc\x1b");
	diag("%s", long_text);
	struct err e;
	err_usage(&e, "wrong");
	int code = diag_err(&e);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(err[1]);
	slurp(err[0], text, sizeof text);
	assert_int_equal(code, EXIT_USAGE);
	assert_int_equal(strncmp(text, "chaos-test: a 'b c '\nchaos-test: xxx", 36), 0);
	assert_contains(text, "x\nchaos-test: wrong\n");
}

int main(void)
{
	static const struct CMUnitTest cli_tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(bare_value), cmocka_unit_test(defaults_stay),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(flags_off_and_letters_together),
		cmocka_unit_test(double_dash_ends_options),
		cmocka_unit_test(values_that_look_like_options),
		cmocka_unit_test(commands_are_looked_up),
		cmocka_unit_test(help_is_on_the_given_descriptor),
		cmocka_unit_test(version_mdoc_completion),
		cmocka_unit_test(a_full_disk_is_told_a_closed_pipe_is_not),
		cmocka_unit_test(messages_are_one_line), cmocka_unit_test(full_lists_end),
	};
	return RUN_GROUP(cli_tests);
}
