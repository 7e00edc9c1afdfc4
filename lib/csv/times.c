#include "csv/times.h"

#include "base/buf.h"
#include "base/suggest.h"
#include "base/units.h"
#include "base/utf8.h"
#include "csv/csv_row.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char column_name[] = "timestamp";

/* Finds field number n; false if the row has fewer. */
static bool field(const char *line, size_t len, size_t n, struct csv_text *text)
{
	const char *p = line, *end = line + len;
	bool odd = false;
	for (size_t i = 0; p && p < end; i++) {
		p = csv_scan_field(p, end, text, &odd);
		if (i == n || !p || *p == '\n')
			return i == n && p;
		p++;
	}
	return false;
}

/* The separator that this line has instead of commas, or NULL. */
static const char *other_separator(const char *line, size_t len)
{
	if (memchr(line, ',', len))
		return NULL;
	return memchr(line, ';', len) ? "';'" : memchr(line, '\t', len) ? "tabs" : NULL;
}

/* Finds the columns of a header into t; the name that is nearest to "timestamp" goes to near, the name
 * of a column that is there twice to twice. -1 if there is one, or no timestamp. */
static int find_columns(struct times *t, const char *line, size_t len, char near[static 64],
			const char **twice)
{
	struct csv_text text;
	char name[64];
	const char *nearest = NULL;
	t->column = t->op = SIZE_MAX;
	for (size_t i = 0; field(line, len, i, &text); i++) {
		bool is_op = csv_text_is(text, "op");
		if (is_op || csv_text_is(text, column_name)) {
			size_t *column = is_op ? &t->op : &t->column;
			if (*column != SIZE_MAX)
				*twice = is_op ? "op" : column_name;
			*column = i;
		}
		snprintf(name, sizeof name, "%.*s", (int)(text.len < 60 ? text.len : 60), text.at);
		suggest(column_name, name, &nearest);
		if (nearest == name)
			nearest = memcpy(near, name, sizeof name);
	}
	return t->column != SIZE_MAX && !*twice ? 0 : -1;
}

static int take_header(struct times *t, const char *line, size_t len, struct err *e)
{
	char near[64] = "";
	const char *twice = NULL;
	unsigned long long number = t->line;
	if (find_columns(t, line, len, near, &twice) == 0)
		return 0;
	if (twice)
		return err_usage(e, "line %llu: there are two columns '%s'", number, twice);
	if (other_separator(line, len))
		return err_usage(e, "line %llu: fields are separated by %s, not ','", number,
				 other_separator(line, len));
	return err_usage(e,
			 *near ? "line %llu: no column '%s'; '%s' is near"
			       : "line %llu: no column '%s'",
			 number, column_name, near);
}

/* Of a line that has no time where it should. */
static bool is_header(const char *line, size_t len)
{
	struct csv_text text;
	bool found = false;
	for (size_t i = 0; !found && field(line, len, i, &text); i++)
		found = csv_text_is(text, column_name);
	return found;
}

size_t times_row(const char *text, size_t len)
{
	struct csv_text field;
	bool odd = false;
	const char *end = text + len, *p = text;
	while ((p = csv_scan_field(p, end, &field, &odd)))
		if (*p++ == '\n')
			return (size_t)(p - text);
	return 0;
}

int times_torn(struct times *t, struct err *e)
{
	t->torn++;
	return ++t->line > 1 ? 0 : err_usage(e, "line 1: a quote in it is not closed");
}

int times_line(struct times *t, const char *line, size_t len, struct err *e)
{
	struct csv_text text = {"", 0}, op;
	int64_t ns;
	size_t mark = utf8_mark_length(line, len);
	line += mark;
	len -= mark;
	if (++t->line == 1)
		return take_header(t, line, len, e);
	if (len <= 1 || (len == 2 && *line == '\r'))
		return 0;
	bool reaches = field(line, len, t->column, &text);
	if (reaches && t->op != SIZE_MAX && field(line, len, t->op, &op) && csv_text_is(op, "output")) {
		t->lost++;
		return 0;
	}
	bool is_time = reaches && csv_unix_time(text, &ns) == 0;
	if (!is_time && is_header(line, len))
		return take_header(t, line, len, e);
	if (!reaches)
		return err_usage(e, "line %llu: too few columns", (unsigned long long)t->line);
	if (!is_time)
		return err_usage(e, "line %llu: '%.*s' is no time in seconds",
				 (unsigned long long)t->line,
				 (int)(text.len < 40 ? text.len : 40), text.at);
	t->at_ns = mem_grow(t->at_ns, &t->alloc, t->count, sizeof *t->at_ns);
	t->at_ns[t->count++] = ns;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	int64_t x, y;
	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

int times_finish(struct times *t, double speed, int64_t longest_ns, struct err *e)
{
	if (!t->count)
		return 0;
	qsort(t->at_ns, t->count, sizeof *t->at_ns, by_time);
	int64_t first = t->at_ns[0], last_ns = t->at_ns[t->count - 1] - first;
	if ((double)last_ns / speed > (double)longest_ns)
		return err_usage(e,
				 "its last row would be due %.0f s after the first, and a schedule "
				 "has %.0f s at most",
				 ns_to_s(last_ns) / speed, ns_to_s(longest_ns));
	for (size_t i = 0; i < t->count; i++) {
		int64_t since = t->at_ns[i] - first;
		t->at_ns[i] = speed > 1 || speed < 1 ? (int64_t)((double)since / speed) : since;
	}
	return 0;
}

void times_release(struct times *t)
{
	free(t->at_ns);
	*t = (struct times){0};
}
