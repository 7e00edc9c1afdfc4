#include "draw/script.h"

#include "base/plain.h"
#include "base/utf8.h"

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

static void svg_terminal(struct buf *out, const char *indent)
{
	buf_addf(out,
		 "%sset terminal svg size %d,%d noenhanced font 'Sans,12' background '#ffffff'\n",
		 indent, CANVAS_W_PX, CANVAS_H_PX);
}

/* pngcairo is the handsome one, png comes with most builds, svg with all. */
static void png_terminal(struct buf *out, const char *output)
{
	buf_addf(out,
		 "terminals = GPVAL_TERMINALS . ' '\n"
		 "if (strstrt(terminals, ' pngcairo ') > 0) {\n"
		 "    set terminal pngcairo size %d,%d noenhanced font 'Sans,11' background "
		 "'#ffffff'\n"
		 "} else { if (strstrt(terminals, ' png ') > 0) {\n"
		 "    set terminal png truecolor size %d,%d noenhanced background '#ffffff'\n"
		 "    bold = ''; large = ''; small = ''; strong = ''\n"
		 "} else {\n",
		 CANVAS_W_PX, CANVAS_H_PX, CANVAS_W_PX, CANVAS_H_PX);
	svg_terminal(out, "    ");
	size_t len = output ? strlen(output) : 0;
	if (len > 4 && strcmp(output + len - 4, ".png") == 0) {
		struct buf svg = BUF_INIT;
		buf_add(&svg, output, len - 4);
		buf_addstr(&svg, ".svg");
		buf_addstr(out, "    ");
		output_name(out, svg.data);
		buf_release(&svg);
	}
	buf_addstr(out, "} }\n");
}

void script_begin(struct buf *out, const char *what, enum terminal terminal, const char *output)
{
	/* UTF-8 is taken as such by all terminals but dumb; saying so would make gnuplot complain
	 * in the C locale. */
	buf_addf(out,
		 "# %s: a gnuplot script by chaos-plot, with its data. Pipe it into gnuplot.\n"
		 "reset\n"
		 "bold = 'Sans:Bold,17'; large = 'Sans:Bold,14'; small = 'Sans,9'; strong = "
		 "'Sans:Bold,11'\n",
		 what);
	if (output)
		output_name(out, output);
	switch (terminal) {
	case TERMINAL_PNG:
		png_terminal(out, output);
		break;
	case TERMINAL_SVG:
		svg_terminal(out, "");
		break;
	case TERMINAL_DUMB:
		buf_addf(out, "set terminal dumb size %d,%d noenhanced\n", DUMB_COLUMNS, DUMB_ROWS);
		break;
	}
	if (output)
		buf_addstr(out, "set output picture\n");
	buf_addstr(out, "set multiplot\n");
}

void script_end(struct buf *out, const char *output)
{
	buf_addstr(out, "unset multiplot\n");
	if (output)
		buf_addstr(out, "unset output\n");
}

void script_label(struct buf *out, enum terminal terminal, double x, double y, const char *text,
		  const char *style)
{
	bool dumb = terminal == TERMINAL_DUMB;
	double w = dumb ? DUMB_COLUMNS - 1 : CANVAS_W_PX, h = dumb ? DUMB_ROWS - 1 : CANVAS_H_PX;
	struct buf plain = BUF_INIT;
	if (dumb)
		ascii(&plain, text);
	buf_addstr(out, "set label ");
	script_quote(out, dumb ? plain.data : text);
	buf_addf(out, " at screen %.5f, screen %.5f noenhanced %s\n", x / w, 1 - y / h, style);
	buf_release(&plain);
}

void script_area(struct buf *out, const struct area *a)
{
	buf_addf(out,
		 "set lmargin at screen %.5f; set rmargin at screen %.5f\n"
		 "set tmargin at screen %.5f; set bmargin at screen %.5f\n",
		 a->left / CANVAS_W_PX, a->right / CANVAS_W_PX, 1 - a->top / CANVAS_H_PX,
		 1 - a->bottom / CANVAS_H_PX);
}
