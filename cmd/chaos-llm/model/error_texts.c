#include "model/error_texts.h"

#include "csv/csv_row.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 200000, FIELDS_MAX = 64 };

struct columns {
	size_t error, detail; /* FIELDS_MAX: not there */
};

static size_t split(const char *line, size_t len, struct csv_text *fields)
{
	const char *p = line, *end = line + len;
	size_t n = 0;
	bool odd = false;
	while (n < FIELDS_MAX && p < end) {
		p = csv_scan_field(p, end, &fields[n], &odd);
		if (!p)
			break;
		n++;
		p++;
	}
	return n;
}

static bool is(const struct csv_text *t, const char *word)
{
	return t->len == strlen(word) && memcmp(t->at, word, t->len) == 0;
}

static struct columns find_columns(const struct csv_text *fields, size_t n)
{
	struct columns c = {FIELDS_MAX, FIELDS_MAX};
	for (size_t i = 0; i < n; i++) {
		if (is(&fields[i], "error"))
			c.error = i;
		if (is(&fields[i], "detail"))
			c.detail = i;
	}
	return c;
}

/* Replaces each number by one sign, so that texts which differ in a time or a port count as one. */
static void make_plain(const char *text, char out[static ERROR_TEXT_BYTES + 1])
{
	size_t n = 0;
	for (; *text && n < ERROR_TEXT_BYTES; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 128)
			c = '?';
		else if (c < ' ' || c == 127)
			c = ' ';
		else if (isdigit(c))
			c = '#';
		if (c == '#' && n && out[n - 1] == '#')
			continue;
		out[n++] = (char)c;
	}
	out[n] = '\0';
}

static void count_text(struct error_texts *x, const char *text)
{
	size_t i = 0;
	while (i < x->count && strcmp(x->all[i].text, text) != 0)
		i++;
	if (i == ERROR_TEXTS_MAX)
		return;
	if (i == x->count) {
		x->count++;
		snprintf(x->all[i].text, sizeof x->all[i].text, "%s", text);
	}
	x->all[i].count++;
}

static void take(struct error_texts *x, const struct csv_text *t, const struct aliases *aliases,
		 bool redact)
{
	char raw[SAMPLE_DETAIL_MAX + 1], plain[ERROR_TEXT_BYTES + 1];
	struct buf text = BUF_INIT;
	size_t len = t->len < sizeof raw - 1 ? t->len : sizeof raw - 1;
	memcpy(raw, t->at, len);
	raw[len] = '\0';
	if (redact)
		aliases_redact(aliases, raw, &text);
	else
		buf_addstr(&text, raw);
	make_plain(text.data, plain);
	count_text(x, plain);
	buf_release(&text);
}

void error_texts_read(struct error_texts *x, const char *path, const struct aliases *aliases,
		      bool redact)
{
	struct csv_text fields[FIELDS_MAX];
	struct columns c = {FIELDS_MAX, FIELDS_MAX};
	char *line = NULL;
	size_t alloc = 0, taken = 0;
	ssize_t len;
	*x = (struct error_texts){0};
	FILE *f = fopen(path, "re");
	for (bool head = true; f && taken < ROWS_MAX && (len = getline(&line, &alloc, f)) > 0;
	     head = false) {
		size_t n = split(line, (size_t)len, fields);
		if (head)
			c = find_columns(fields, n);
		if (head || c.error >= n || !fields[c.error].len)
			continue;
		if (is(&fields[c.error], sample_error_name(ERROR_ABORTED)))
			continue; /* the end of the load, not of the service */
		bool detail = c.detail < n && fields[c.detail].len;
		take(x, &fields[detail ? c.detail : c.error], aliases, redact);
		taken++;
	}
	free(line);
	if (f)
		fclose(f);
}
