/* The sections write Markdown; here its paragraphs are wrapped, and its tables get columns, or
 * sentences where they are too wide. */
#include "report/screen.h"

#include "report/sections/sections.h"
#include "report/facts/words.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, COLUMNS_MAX = 12, LINES_MAX = 32 };

struct table {
	char *cells[LINES_MAX][COLUMNS_MAX]; /* the header, then the rows */
	size_t lines, columns;
	bool right[COLUMNS_MAX];
};

/* Without the marks of Markdown, which text from outside has a backslash before. */
static char *unmarked(const char *text, size_t len)
{
	struct buf out = BUF_INIT;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '*' || text[i] == '`' || (text[i] == '#' && !out.len))
			continue;
		i += text[i] == '\\' && i + 1 < len;
		if (text[i] != ' ' || out.len)
			buf_addch(&out, text[i]);
	}
	while (out.len && out.data[out.len - 1] == ' ')
		out.data[--out.len] = '\0';
	return buf_detach(&out);
}

/* Wrapped; cuts text into its words. */
static void add_words(char *text, struct buf *out)
{
	char *rest = text, *word;
	size_t at = 0;
	while ((word = strsep(&rest, " "))) {
		size_t width = text_columns(word);
		if (at)
			buf_addch(out, at + 1 + width > WIDTH ? '\n' : ' ');
		at = at && at + 1 + width <= WIDTH ? at + 1 + width : width;
		buf_addstr(out, word);
	}
	buf_addch(out, '\n');
}

/* Takes in "| a | b |". */
static void take_row(struct table *t, const char *line, size_t len)
{
	const char *p = line + 1, *end = line + len;
	if (len > 1 && line[1] == '-') {
		for (size_t i = 0; i < t->columns && p < end; i++, p++) {
			const char *bar = memchr(p, '|', (size_t)(end - p));
			bar = bar ? bar : end;
			t->right[i] = bar[-1] == ':';
			p = bar;
		}
		return;
	}
	if (t->lines == LINES_MAX)
		return;
	for (size_t i = 0; i < COLUMNS_MAX && p < end; i++) {
		const char *bar = p;
		while (bar < end && *bar != '|')
			bar += 1 + (*bar == '\\');
		t->cells[t->lines][i] = unmarked(p, (size_t)(bar - p));
		p = bar + 1;
		if (t->lines == 0)
			t->columns = i + 1;
	}
	t->lines++;
}

static const char *cell(const struct table *t, size_t line, size_t column)
{
	return t->cells[line][column] ? t->cells[line][column] : "";
}

static void add_columns(const struct table *t, const size_t *widths, struct buf *out)
{
	for (size_t line = 0; line < t->lines; line++) {
		for (size_t i = 0; i < t->columns; i++) {
			int pad = (int)(widths[i] - text_columns(cell(t, line, i)));
			buf_addf(out, "%s%*s%s%*s", i ? "  " : "", t->right[i] ? pad : 0, "",
				 cell(t, line, i), t->right[i] || i + 1 == t->columns ? 0 : pad, "");
		}
		buf_addch(out, '\n');
	}
}

/* Says nothing, or nothing that reads well behind "first failed after". */
static bool says_nothing(const char *cell)
{
	return !*cell || strcmp(cell, "none") == 0 || strcmp(cell, "never") == 0;
}

/* "first failed after 20 ms", but "first failed at once"; "while it lasted" instead of "after it was lifted". */
static int heading_length(const char *heading, const char *cell)
{
	const char *after = strstr(heading, "after");
	bool instead = after && *cell >= 'a' && *cell <= 'z' && strcmp(cell, "unknown") != 0;
	return instead ? (int)(after - heading) : (int)strlen(heading);
}

/* One row after the other, where they are too wide for columns. */
static void add_sentences(const struct table *t, struct buf *out)
{
	for (size_t line = 1; line < t->lines; line++) {
		struct buf text = BUF_INIT;
		if (strcmp(cell(t, line, 0), cell(t, 0, 0)) != 0)
			buf_addf(&text, "%s ", cell(t, 0, 0));
		buf_addstr(&text, cell(t, line, 0));
		for (size_t i = 1; i < t->columns; i++) {
			const char *heading = cell(t, 0, i), *said = cell(t, line, i);
			int length = heading_length(heading, said);
			if (!says_nothing(said))
				buf_addf(&text, ", %.*s%s%s", length, heading, heading[length] ? "" : " ", said);
		}
		add_words(text.data, out);
		buf_release(&text);
	}
}

static void add_table(struct table *t, struct buf *out)
{
	size_t widths[COLUMNS_MAX] = {0}, all = 0;
	for (size_t i = 0; i < t->columns; i++) {
		for (size_t line = 0; line < t->lines; line++)
			if (text_columns(cell(t, line, i)) > widths[i])
				widths[i] = text_columns(cell(t, line, i));
		all += widths[i] + 2;
	}
	if (all > WIDTH + 2)
		add_sentences(t, out);
	else
		add_columns(t, widths, out);
	for (size_t line = 0; line < t->lines; line++)
		for (size_t i = 0; i < COLUMNS_MAX; i++)
			free(t->cells[line][i]);
	*t = (struct table){0};
}

/* Its lines without headings but those that name a load, behind one empty line; what explains the table of faults is left out. */
static void add_section(const char *text, bool explained, bool named, struct buf *out)
{
	struct table table = {0};
	size_t start = out->len;
	for (const char *p = text, *end; *p; p = end + (*end == '\n')) {
		end = strchrnul(p, '\n');
		if (end == p || (*p == '#' && !(named && p[1] == '#')) || (explained && *p != '#' && *p != '|' && out->len == start))
			continue;
		if (start && out->len == start)
			buf_addch(out, '\n');
		if (*p == '|') {
			take_row(&table, p, (size_t)(end - p));
			continue;
		}
		if (table.lines)
			add_table(&table, out);
		char *plain = unmarked(p, (size_t)(end - p));
		add_words(plain, out);
		free(plain);
	}
	if (table.lines)
		add_table(&table, out);
}

void report_screen(const struct json *analysis, struct buf *out)
{
	static void (*const sections[])(const struct report *) = {section_headline, section_summary,
								  section_recovery, section_nodes};
	struct facts facts = {0};
	struct buf text = BUF_INIT;
	facts_collect(&facts, analysis);
	const struct report r = {&text, analysis, &facts, NULL, NULL};
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		buf_reset(&text);
		report_section(&r, sections[i]);
		add_section(text.data, sections[i] == section_recovery, json_is_object(json_get(analysis, "loads")), out);
	}
	buf_release(&text);
	facts_release(&facts);
}
