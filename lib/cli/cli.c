#include "cli/cli.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/suggest.h"
#include "base/units.h"
#include "cli/diag.h"
#include "cli/help.h"
#include "sys/file.h"
#include "sys/sig.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

static void str_list_add(struct str_list *l, const char *s)
{
	l->items = mem_grow(l->items, &l->alloc, l->count, sizeof *l->items);
	l->items[l->count++] = s;
}

void str_list_release(struct str_list *l)
{
	free(l->items);
	*l = (struct str_list){0};
}

static bool bounded(const struct opt *o)
{
	return o->min < 0 || o->min > 0 || o->max < 0 || o->max > 0;
}

static int bad_value(const struct opt *o, const char *value, const char *want, struct err *e)
{
	if (bounded(o) && o->kind != OPT_SPAN)
		return err_usage(e, "--%s: '%s' is not %s from %.12g to %.12g", o->name, value, want,
				 o->min, o->max);
	return err_usage(e, "--%s: '%s' is not %s", o->name, value, want);
}

static int choose(const struct opt *o, const char *value, struct err *e)
{
	char words[256];
	const char *near = NULL;
	strncpy(words, o->choices, sizeof words - 1);
	words[sizeof words - 1] = '\0';
	for (char *save, *w = strtok_r(words, "|", &save); w; w = strtok_r(NULL, "|", &save)) {
		if (strcmp(w, value) == 0)
			return 0;
		suggest(value, w, &near);
	}
	if (near)
		return err_usage(e, "--%s: unknown '%s'; did you mean '%s'?", o->name, value, near);
	return err_usage(e, "--%s: unknown '%s'; it is one of %s", o->name, value, o->choices);
}

static int set_span(const struct opt *o, int64_t *field, const char *value, struct err *e)
{
	char lo[SPAN_MAX], hi[SPAN_MAX];
	int64_t ns;
	if (span_parse(value, &ns))
		return err_usage(e, "--%s: '%s' is not a time span (20, 20s, 150ms, 1m30s)", o->name,
				 value);
	if (bounded(o) && (ns < s_to_ns(o->min) || ns > s_to_ns(o->max)))
		return err_usage(e, "--%s: %s is not from %s to %s", o->name, value,
				 span_format(s_to_ns(o->min), lo), span_format(s_to_ns(o->max), hi));
	*field = ns;
	return 0;
}

static int set_value(const struct opt *o, void *opts, const char *value, struct err *e)
{
	void *field = (char *)opts + o->offset;
	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)field = true;
		return 0;
	case OPT_STR:
		if (o->once && *(const char **)field)
			return err_usage(e, "--%s is given twice", o->name);
		*(const char **)field = value;
		return 0;
	case OPT_INT: {
		int64_t min = bounded(o) ? (int64_t)o->min : 0;
		int64_t max = bounded(o) ? (int64_t)o->max : INT64_MAX;
		return num_i64(value, min, max, field) ? bad_value(o, value, "a whole number", e) : 0;
	}
	case OPT_DOUBLE: {
		double max = bounded(o) ? o->max : DBL_MAX;
		return num_double(value, o->min, max, field) ? bad_value(o, value, "a number", e) : 0;
	}
	case OPT_SPAN:
		return set_span(o, field, value, e);
	case OPT_LIST:
		str_list_add(field, value);
		return 0;
	case OPT_CHOICE:
		if (choose(o, value, e))
			return -1;
		*(const char **)field = value;
		return 0;
	}
	return -1;
}

static const struct opt *find_long(const struct cli *cli, const char *name, size_t len)
{
	for (size_t i = 0; i < cli->opt_count; i++)
		if (strlen(cli->opts[i].name) == len && strncmp(cli->opts[i].name, name, len) == 0)
			return &cli->opts[i];
	return NULL;
}

static const struct opt *find_letter(const struct cli *cli, char letter)
{
	for (size_t i = 0; i < cli->opt_count; i++)
		if (cli->opts[i].letter && cli->opts[i].letter == letter)
			return &cli->opts[i];
	return NULL;
}

/* 1 if the word is an option whose value is the next word, which is then no option
 * itself, whatever it looks like. */
static int takes_next(const struct cli *cli, const char *word)
{
	const struct opt *o;
	if (word[0] != '-' || !word[1])
		return 0;
	if (word[1] == '-') {
		o = find_long(cli, word + 2, strlen(word + 2)); /* with "=value" it is none */
		return o && o->kind != OPT_FLAG && !o->bare;
	}
	for (const char *l = word + 1; *l; l++) {
		o = find_letter(cli, *l);
		if (!o || (o->kind != OPT_FLAG && !o->bare))
			return o && !l[1];
	}
	return 0;
}

static int unknown_option(const struct cli *cli, const char *word, size_t len, struct err *e)
{
	char name[64];
	const char *near = NULL;
	if (len >= sizeof name)
		len = sizeof name - 1;
	memcpy(name, word, len);
	name[len] = '\0';
	for (size_t i = 0; i < cli->opt_count; i++)
		if (!cli->opts[i].hidden)
			suggest(name, cli->opts[i].name, &near);
	suggest(name, "help", &near);
	suggest(name, "version", &near);
	if (near)
		return err_usage(e, "unknown option '--%s'; did you mean '--%s'?", name, near);
	return err_usage(e, "unknown option '--%s'; see '%s --help'", name, cli->program);
}

/* State of the parser. */
struct cursor {
	int argc, at;
	char **argv;
};

static int take_value(const struct opt *o, void *opts, struct cursor *c, const char *attached,
		      struct err *e)
{
	if (o->kind == OPT_FLAG) {
		if (attached)
			return err_usage(e, "--%s takes no value", o->name);
		return set_value(o, opts, NULL, e);
	}
	if (!attached && o->bare)
		return set_value(o, opts, o->bare, e);
	if (!attached && c->at + 1 >= c->argc)
		return err_usage(e, "--%s needs a value: %s", o->name, o->arg);
	return set_value(o, opts, attached ? attached : c->argv[++c->at], e);
}

static int parse_long(const struct cli *cli, void *opts, struct cursor *c, struct err *e)
{
	const char *word = c->argv[c->at] + 2;
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct opt *o = find_long(cli, word, len);
	if (!o && strncmp(word, "no-", 3) == 0 && !equals) {
		o = find_long(cli, word + 3, len - 3);
		if (o && o->kind == OPT_FLAG) {
			*(bool *)((char *)opts + o->offset) = false;
			return 0;
		}
		if (o && o->bare) {
			*(const char **)((char *)opts + o->offset) = NULL;
			return 0;
		}
		o = NULL;
	}
	if (!o)
		return unknown_option(cli, word, len, e);
	return take_value(o, opts, c, equals ? equals + 1 : NULL, e);
}

static int parse_letters(const struct cli *cli, void *opts, struct cursor *c, struct err *e)
{
	for (const char *l = c->argv[c->at] + 1; *l; l++) {
		const struct opt *o = find_letter(cli, *l);
		if (!o)
			return err_usage(e, "unknown option '-%c'; see '%s --help'", *l, cli->program);
		if (o->kind != OPT_FLAG && !o->bare)
			return take_value(o, opts, c, l[1] ? l + 1 : NULL, e);
		if (set_value(o, opts, o->bare, e))
			return -1;
	}
	return 0;
}

static int parse_all(const struct cli *cli, void *opts, struct cursor *c, struct cli_rest *rest,
		     struct err *e)
{
	bool words_only = false;
	for (; c->at < c->argc; c->at++) {
		const char *arg = c->argv[c->at];
		int rc = 0;
		if (words_only || arg[0] != '-' || arg[1] == '\0')
			rest->items[rest->count++] = arg;
		else if (strcmp(arg, "--") == 0)
			words_only = true;
		else if (arg[1] == '-')
			rc = parse_long(cli, opts, c, e);
		else
			rc = parse_letters(cli, opts, c, e);
		if (rc)
			return -1;
	}
	return 0;
}

void cli_start(const char *program)
{
	fd_guard_standard();
	sig_no_pipe_death();
	diag_program(program);
}

int cli_read(const struct cli *cli, void *opts, int argc, char **argv, struct cli_rest *rest,
	     int out_fd, struct err *e)
{
	*e = (struct err){0};
	*rest = (struct cli_rest){0};
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		int code = help_answer(cli, argv[i], out_fd);
		if (code != CLI_RUN)
			return code;
		i += takes_next(cli, argv[i]);
	}
	rest->items = mem_alloc(sizeof(char *) * ((size_t)argc + 1));
	struct cursor c = {.argc = argc, .at = 1, .argv = argv};
	if (parse_all(cli, opts, &c, rest, e) == 0)
		return CLI_RUN;
	cli_rest_release(rest);
	for (size_t i = 0; i < cli->opt_count; i++)
		if (cli->opts[i].kind == OPT_LIST)
			str_list_release((void *)((char *)opts + cli->opts[i].offset));
	return e->code;
}

int cli_parse(const struct cli *cli, void *opts, int argc, char **argv, struct cli_rest *rest,
	      int out_fd)
{
	struct err e;
	int rc = cli_read(cli, opts, argc, argv, rest, out_fd, &e);
	return *e.msg ? diag_err(&e) : rc;
}

void cli_rest_release(struct cli_rest *rest)
{
	free(rest->items);
	*rest = (struct cli_rest){0};
}

int cli_command(const struct cli *cli, const char *word, struct err *e)
{
	const char *near = NULL;
	for (size_t i = 0; i < cli->command_count; i++) {
		if (strcmp(cli->commands[i].name, word) == 0)
			return (int)i;
		suggest(word, cli->commands[i].name, &near);
	}
	if (near)
		return err_usage(e, "unknown command '%s'; did you mean '%s'?", word, near);
	return err_usage(e, "unknown command '%s'; see '%s --help'", word, cli->program);
}
