#include "draw/script.h"

#include "base/plain.h"
#include "base/utf8.h"
#include "report/words.h"

#include <stdlib.h>
#include <string.h>

/* gnuplot's own doubling of quotes fails where a quote stands first or beside another, so they
 * are put together from constants: 'it' . "'" . 's'. */
void script_quote(struct buf *out, const char *text)
{
	buf_addch(out, '\'');
	struct buf plain = BUF_INIT;
	plain_add(&plain, text);
	for (const char *p = plain.data; *p; p++)
		if (*p == '\'')
			buf_addstr(out, "' . \"'\" . '");
		else
			buf_addch(out, *p);
	buf_release(&plain);
	buf_addch(out, '\'');
}

/* The dumb terminal counts bytes as columns wherever the locale is not UTF-8: only ASCII for it. */
static void ascii(struct buf *out, const char *text)
{
	static const char *const plain[][2] = {
		{"–", "-"},
		{"−", "-"},
		{"×", "x"},
		{"…", "~"},
	};
	while (*text) {
		size_t i = 0, len = utf8_length(text);
		for (i = 0; i < ARRAY_LEN(plain); i++)
			if (strncmp(text, plain[i][0], strlen(plain[i][0])) == 0)
				break;
		if (i < ARRAY_LEN(plain))
			buf_addstr(out, plain[i][1]);
		else
			buf_addch(out, len == 1 ? *text : '?');
		text += len ? len : 1;
	}
}

/* A path has to come out byte by byte. */
static void quote_path(struct buf *out, const char *path)
{
	buf_addch(out, '\'');
	for (; *path; path++)
		if (*path == '\'' || (unsigned char)*path < ' ')
			buf_addf(out, "' . \"\\%03o\" . '", (unsigned)*path);
		else
			buf_addch(out, *path);
	buf_addch(out, '\'');
}

/* gnuplot takes a name that starts with '|' as a command to run. */
static void output_name(struct buf *out, const char *path)
{
	struct buf name = BUF_INIT;
	if (path[0] == '|')
		buf_addstr(&name, "./");
	buf_addstr(&name, path);
	buf_addstr(out, "picture = ");
	quote_path(out, name.data);
	buf_addch(out, '\n');
	buf_release(&name);
}

void script_begin(struct buf *out, const char *what, enum terminal terminal, size_t columns,
		  const char *output)
{
	/* UTF-8 is taken as such by all terminals but dumb; saying so would make gnuplot complain
	 * in the C locale. */
	buf_addf(out,
		 "# %s: a gnuplot script by chaos-plot, with its data. Pipe it into gnuplot.\n"
		 "reset\n"
		 "bold = 'Sans Bold,17'; large = 'Sans Bold,14'; small = 'Sans,9'; strong = 'Sans Bold,11'\n",
		 what);
	if (output)
		output_name(out, output);
	if (terminal == TERMINAL_DUMB)
		buf_addf(out, "set terminal dumb size %zu,%d noenhanced\n", columns, PAGE_ROWS);
	else
		buf_addf(out, "set terminal %s size %d,%d noenhanced font 'Sans,%d' background '#ffffff'\n",
			 terminal == TERMINAL_SVG ? "svg" : "pngcairo", CANVAS_W_PX, CANVAS_H_PX,
			 terminal == TERMINAL_SVG ? 12 : 11);
	buf_addf(out, "%sset multiplot\n", output ? "set output picture\n" : "");
}

void script_end(struct buf *out, const char *output)
{
	buf_addstr(out, "unset multiplot\n");
	if (output)
		buf_addstr(out, "unset output\n");
}

static void label(struct buf *out, double x, double y, const char *text, const char *style)
{
	buf_addstr(out, "set label ");
	script_quote(out, text);
	buf_addf(out, " at screen %.5f, screen %.5f noenhanced %s\n", x, 1 - y, style);
}

void script_label(struct buf *out, double x, double y, const char *text, const char *style)
{
	label(out, x / CANVAS_W_PX, y / CANVAS_H_PX, text, style);
}

static void margins(struct buf *out, const struct area *a, double width, double height)
{
	buf_addf(out,
		 "set lmargin at screen %.5f; set rmargin at screen %.5f\n"
		 "set tmargin at screen %.5f; set bmargin at screen %.5f\n",
		 a->left / width, a->right / width, 1 - a->top / height, 1 - a->bottom / height);
}

void script_area(struct buf *out, const struct area *a)
{
	margins(out, a, CANVAS_W_PX, CANVAS_H_PX);
}

void page_label(struct buf *out, size_t columns, size_t x, size_t y, const char *text)
{
	char *cut = text_shorten(text, columns - x);
	struct buf plain = BUF_INIT;
	ascii(&plain, cut);
	label(out, (double)x / (double)(columns - 1), (double)y / (PAGE_ROWS - 1), plain.data, "left");
	buf_release(&plain);
	free(cut);
}

void page_area(struct buf *out, size_t columns, const struct area *a)
{
	margins(out, a, (double)(columns - 1), PAGE_ROWS - 1);
}
