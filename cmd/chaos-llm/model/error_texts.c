#include "model/error_texts.h"

#include "csv/csv.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_MAX = 200000 };

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
	char raw[ERROR_DETAIL_MAX + 1], plain[ERROR_TEXT_BYTES + 1];
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
	struct csv c;
	struct csv_row row;
	struct err ignored; /* chaos-analyze has read the samples, and said what is wrong */
	size_t taken = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	csv_init(&c, fd, path);
	while (taken < ROWS_MAX && csv_next(&c, &row, &ignored) == CSV_ROW) {
		if (row.kind != CSV_REQUEST || !row.failed) /* aborted: the end of the load */
			continue;
		const char *class = row.error == ERROR_COUNT ? "" : error_class_name(row.error);
		struct csv_text named = {class, strlen(class)};
		take(x, row.detail.len ? &row.detail : &named, aliases, redact);
		taken++;
	}
	csv_release(&c);
	close(fd);
}
