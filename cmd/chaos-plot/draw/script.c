#include "draw/script.h"

#include "base/text.h"
#include "report/facts/words.h"

#include <math.h>
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

/* Scripts that the usual font, DejaVu Sans, has: letters before the scripts of India, Georgian, signs, forms of Arabic. */
static bool in_font(unsigned u)
{
	static const unsigned ranges[][2] = {{0, 0x6ff}, {0x10a0, 0x10ff}, {0x1e00, 0x23a0}, {0x2500, 0x27be}, {0xfb50, 0xfdff}, {0xfe70, 0xfefe}};
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (u >= ranges[i][0] && u <= ranges[i][1])
			return true;
	return false;
}

void script_for_fonts(struct buf *script, enum terminal terminal)
{
	size_t kept = 0;
	if (terminal != TERMINAL_PNG && terminal != TERMINAL_PDF)
		return;
	for (size_t i = 0, len; i < script->len; i += len) {
		const unsigned char *p = (const unsigned char *)script->data + i;
		len = utf8_length(script->data + i);
		len = len ? len : 1;
		unsigned u = len == 2 ? (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu)
			   : len == 3 ? (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu)
			   : len == 4 ? 0x10000
				      : p[0];
		if (!in_font(u)) {
			script->data[kept++] = '?';
			continue;
		}
		memmove(script->data + kept, p, len);
		kept += len;
	}
	script->data[script->len = kept] = '\0';
}

/* A path has to come out byte by byte, as ASCII. */
static void quote_path(struct buf *out, const char *path)
{
	buf_addch(out, '\'');
	for (; *path; path++)
		if (*path == '\'' || (unsigned char)*path < ' ' || (unsigned char)*path > '~')
			buf_addf(out, "' . \"\\%03o\" . '", (unsigned)(unsigned char)*path);
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

static const struct {
	const char *name, *light, *dark;
} colours[] = {
	{COLOUR_PAPER, "#ffffff", "#0d1117"},	  {COLOUR_TEXT, "#222222", "#e6edf3"},
	{COLOUR_NOTE, "#666666", "#9da7b1"},	  {COLOUR_AXIS, "#999999", "#6e7681"},
	{COLOUR_GRID, "#e3e3e3", "#21262d"},	  {COLOUR_OK, "#0072b2", "#56b4e9"},
	{COLOUR_AFTER, "#009e73", "#2fd0a0"},	  {COLOUR_ERROR, "#d55e00", "#f0853a"},
	{COLOUR_ERROR_2, "#e69f00", "#b07a00"},	  {COLOUR_ERROR_3, "#8c3b00", "#ffc49b"},
	{COLOUR_ERROR_4, "#f2c94c", "#f2c94c"},	  {COLOUR_ERROR_5, "#b3a18f", "#857668"},
	{COLOUR_P50, "#222222", "#ffffff"},	  {COLOUR_P99, "#9e2a77", "#f58fd2"},
	{COLOUR_OFFERED, "#444444", "#c9d1d9"},	  {COLOUR_NORMAL, "#d6e8f5", "#14324a"},
	{COLOUR_BASELINE, "#9a9a9a", "#8b949e"},  {COLOUR_ANOMALY, "#fff1bf", "#332b12"},
	{COLOUR_ANOMALY_EDGE, "#b8860b", "#b8860b"}, {COLOUR_FAULT, "#4a4a4a", "#b1bac4"},
	{COLOUR_FAULT_PALE, "#bdbdbd", "#5a626b"}, {COLOUR_UNMEASURED, "#e4e4e4", "#30363d"},
	{COLOUR_WARMUP, "#f4f4f4", "#171c23"},	  {COLOUR_LOST, "#fbdcc9", "#5b2f16"},
};

static void set_terminal(struct buf *out, const struct canvas *c)
{
	static const char *const names[] = {
		[TERMINAL_PNG] = "pngcairo", [TERMINAL_SVG] = "svg", [TERMINAL_PDF] = "pdfcairo"};
	double scale = fmin((double)c->width_px / CANVAS_W_PX, (double)c->height_px / CANVAS_H_PX);
	if (c->terminal == TERMINAL_DUMB) {
		buf_addf(out, "set terminal dumb size %zu,%d noenhanced\n", c->columns, PAGE_ROWS);
		return;
	}
	buf_addf(out, "set terminal %s size ", names[c->terminal]);
	if (c->terminal == TERMINAL_PDF) /* a hundred pixels are an inch */
		buf_addf(out, "%.2fin,%.2fin", c->width_px / 100.0, c->height_px / 100.0);
	else
		buf_addf(out, "%d,%d", c->width_px, c->height_px);
	buf_addf(out, " noenhanced font 'Sans,%d' background c_paper", c->terminal == TERMINAL_SVG ? 12 : 11);
	if (scale < 0.999 || scale > 1.001)
		buf_addf(out, " fontscale %.4g linewidth %.4g", scale, scale);
	buf_addch(out, '\n');
}

void script_begin(struct buf *out, const char *what, const struct canvas *c)
{
	/* UTF-8 is taken as such by all terminals but dumb; saying so would make gnuplot complain
	 * in the C locale. */
	buf_addf(out,
		 "# %s: a gnuplot script by chaos-plot, with its data. Pipe it into gnuplot.\n"
		 "reset\n"
		 "bold = 'Sans Bold,17'; large = 'Sans Bold,14'; small = 'Sans,9'; strong = 'Sans Bold,11'\n",
		 what);
	for (size_t i = 0; i < ARRAY_LEN(colours); i++)
		buf_addf(out, "%s = '%s'%s", colours[i].name, c->dark ? colours[i].dark : colours[i].light,
			 i % 6 == 5 || i + 1 == ARRAY_LEN(colours) ? "\n" : "; ");
	buf_addf(out, "heat_r = %d; heat_g = %d; heat_b = %d\n", c->dark ? 86 : 60, c->dark ? 160 : 125, c->dark ? 220 : 180);
	if (c->output)
		output_name(out, c->output);
	set_terminal(out, c);
	buf_addf(out, "%sset multiplot\n", c->output ? "set output picture\n" : "");
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
