#include "cli/help.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "sys/file.h"

#include <errno.h>
#include <string.h>

#ifndef CHAOS_VERSION
#define CHAOS_VERSION "0"
#endif
#ifndef CHAOS_COMMIT
#define CHAOS_COMMIT "" /* not known */
#endif

enum { HELP_COLUMN = 28, HELP_WIDTH = 80 };

static void option_head(struct buf *b, const struct opt *o)
{
	if (o->letter)
		buf_addf(b, "  -%c, --%s", o->letter, o->name);
	else
		buf_addf(b, "      --%s", o->name);
	if (o->kind != OPT_FLAG)
		buf_addf(b, o->bare ? "[=%s]" : " %s", o->arg);
}

/* Characters, not bytes, of UTF-8. */
static size_t columns(const char *s, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* A left column, then the text word by word, its further lines indented to the same column.
 * Where the author broke a line says nothing; an empty line begins a paragraph. */
static void two_columns(struct buf *b, size_t start, const char *text)
{
	size_t at = columns(b->data + start, b->len - start);
	if (at + 2 > HELP_COLUMN) {
		buf_addch(b, '\n');
		at = 0;
	}
	buf_addf(b, "%*s", (int)(HELP_COLUMN - at), "");
	at = HELP_COLUMN;
	for (bool paragraph = false; *text;) {
		size_t len = strcspn(text, " \n"), width = columns(text, len);
		bool first = at == HELP_COLUMN;
		if (!first && (paragraph || at + 1 + width > HELP_WIDTH)) {
			buf_addf(b, "\n%*s", HELP_COLUMN, "");
			at = HELP_COLUMN;
			first = true;
		}
		buf_addf(b, "%s%.*s", first ? "" : " ", (int)len, text);
		at += width + !first;
		text += len;
		paragraph = strncmp(text, "\n\n", 2) == 0;
		text += strspn(text, " \n");
	}
	buf_addch(b, '\n');
}

static void help_options(const struct cli *cli, struct buf *b)
{
	buf_addstr(b, "\nOptions:\n");
	for (size_t i = 0; i < cli->opt_count; i++) {
		size_t start = b->len;
		if (cli->opts[i].hidden)
			continue;
		option_head(b, &cli->opts[i]);
		two_columns(b, start, cli->opts[i].help);
	}
	size_t start = b->len;
	buf_addstr(b, "  -h, --help");
	two_columns(b, start, "say this");
	start = b->len;
	buf_addstr(b, "      --version");
	two_columns(b, start, "say which version this is");
}

/* How a span is written, told once behind all options; before is put in front of it. */
static void span_note(const struct cli *cli, const char *before, struct buf *b)
{
	for (size_t i = 0; i < cli->opt_count; i++)
		if (cli->opts[i].kind == OPT_SPAN && !cli->opts[i].hidden) {
			buf_addf(b, "%s%s is a time span: 20 or 20s, 150ms, 1m30s.\n", before, cli->opts[i].arg);
			return;
		}
}

static void help_text(const struct cli *cli, struct buf *b)
{
	buf_addf(b, "%s: %s\n\n", cli->program, cli->summary);
	for (size_t i = 0; i < ARRAY_LEN(cli->uses) && cli->uses[i]; i++)
		buf_addf(b, "%s %s %s\n", i ? "      " : "Usage:", cli->program, cli->uses[i]);
	if (cli->examples[0])
		buf_addstr(b, "\nExamples:\n");
	for (size_t i = 0; i < ARRAY_LEN(cli->examples) && cli->examples[i]; i++)
		buf_addf(b, "  %s\n", cli->examples[i]);
	if (cli->command_count)
		buf_addstr(b, "\nCommands:\n");
	for (size_t i = 0; i < cli->command_count; i++) {
		size_t start = b->len;
		buf_addf(b, "  %s %s", cli->commands[i].name, cli->commands[i].args);
		two_columns(b, start, cli->commands[i].help);
	}
	help_options(cli, b);
	span_note(cli, "\n", b);
	buf_addf(b, "\nMore in %s(1) and chaos-formats(5).\n", cli->program);
}

/* Escapes what mdoc interprets: a leading dot or quote, and backslashes. */
static void mdoc_text(struct buf *b, const char *text)
{
	for (const char *start = text; *text; text++) {
		if ((*text == '.' || *text == '\'') && (text == start || text[-1] == '\n'))
			buf_addstr(b, "\\&");
		if (*text == '\\')
			buf_addstr(b, "\\e");
		else
			buf_addch(b, *text);
	}
	buf_addch(b, '\n');
}

static void mdoc_options(const struct cli *cli, struct buf *b)
{
	buf_addstr(b, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < cli->opt_count; i++) {
		const struct opt *o = &cli->opts[i];
		if (o->hidden)
			continue;
		buf_addf(b, ".It Fl Fl %s", o->name);
		if (o->bare)
			buf_addf(b, " Ns Oo = Ns Ar %s Oc", o->arg);
		else if (o->kind != OPT_FLAG)
			buf_addf(b, " Ar %s", o->arg);
		if (o->letter)
			buf_addf(b, " , Fl %c", o->letter);
		buf_addch(b, '\n');
		mdoc_text(b, o->help);
	}
	buf_addstr(b, ".It Fl Fl help , Fl h\nSay what the options are.\n"
		      ".It Fl Fl version\nSay which version this is.\n.El\n");
	span_note(cli, ".Pp\n.Ar ", b);
}

static bool has_option(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->opt_count; i++)
		if (strcmp(cli->opts[i].name, name) == 0)
			return true;
	return false;
}

/* The names of runs go with the option, in every program. */
static void completion(const struct cli *cli, struct buf *b)
{
	buf_addstr(b, "complete -o default -W '");
	for (size_t i = 0; i < cli->command_count; i++)
		buf_addf(b, "%s ", cli->commands[i].name);
	for (size_t i = 0; i < cli->opt_count; i++) {
		const struct opt *o = &cli->opts[i];
		if (o->hidden)
			continue;
		buf_addf(b, "--%s ", o->name);
		for (const char *p = o->kind == OPT_CHOICE ? o->choices : ""; *p; p++)
			buf_addf(b, "%c%s", *p == '|' ? ' ' : *p, p[1] ? "" : " ");
	}
	for (size_t i = 0; cli->words && cli->words[i]; i++)
		buf_addf(b, "%s ", cli->words[i]);
	buf_addf(b, "--help --version%s%s%s' %s\n", cli->completes ? " " : "", cli->completes ? cli->completes : "",
		 has_option(cli, "run-id") ? " $(ls runs 2>/dev/null)" : "", cli->program);
}

int help_answer(const struct cli *cli, const char *word, int fd)
{
	struct buf b = BUF_INIT;
	struct err e;
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		help_text(cli, &b);
	else if (strcmp(word, "--version") == 0)
		buf_addf(&b, "%s %s%s%s%s\n", cli->program, CHAOS_VERSION, *CHAOS_COMMIT ? " (" : "", CHAOS_COMMIT,
			 *CHAOS_COMMIT ? ")" : "");
	else if (strcmp(word, "--mdoc-options") == 0)
		mdoc_options(cli, &b);
	else if (strcmp(word, "--completion") == 0)
		completion(cli, &b);
	else
		return CLI_RUN;
	int rc = write_all(fd, b.data, b.len, &e);
	buf_release(&b);
	return rc && e.sys_errno != EPIPE ? diag_err(&e) : EXIT_OK;
}
