#include "stream/lines.h"

#include <string.h>

void lines_init(struct lines *l)
{
	*l = (struct lines){0};
	buf_init(&l->text);
}

void lines_release(struct lines *l)
{
	buf_release(&l->text);
	*l = (struct lines){0};
}

void lines_add(struct lines *l, const void *data, size_t len)
{
	buf_add(&l->text, data, len);
}

static const char *what_is_wrong(const char *text, size_t len)
{
	if (len > LINES_BYTES_MAX)
		return "the line is longer than 4096 bytes";
	return memchr(text, '\0', len) ? "the line has a NUL byte" : NULL;
}
_Static_assert(LINES_BYTES_MAX == 4096, "as it is told");

static bool give(struct lines *l, size_t len, const char *wrong, struct line *out)
{
	l->text.data[len] = '\0';
	*out = (struct line){
		.text = wrong ? NULL : l->text.data, .wrong = wrong, .number = ++l->number};
	return true;
}

bool lines_next(struct lines *l, struct line *out)
{
	for (;;) {
		buf_consume(&l->text, l->given);
		l->given = 0;
		const char *end = l->text.len ? memchr(l->text.data, '\n', l->text.len) : NULL;
		if (!end)
			break;
		size_t len = (size_t)(end - l->text.data);
		l->given = len + 1;
		if (!l->skipping)
			return give(l, len, what_is_wrong(l->text.data, len), out);
		l->skipping = false;
	}
	if (l->text.len <= LINES_BYTES_MAX)
		return false;
	l->given = l->text.len; /* told at once; its end may never come */
	if (l->skipping)
		return lines_next(l, out);
	l->skipping = true;
	return give(l, l->text.len, what_is_wrong(l->text.data, l->text.len), out);
}

bool lines_last(struct lines *l, bool is_file, struct line *out)
{
	buf_consume(&l->text, l->given);
	l->given = l->text.len;
	if (l->text.len == 0 || l->skipping)
		return false;
	const char *wrong = what_is_wrong(l->text.data, l->text.len);
	if (!wrong && !is_file)
		wrong = "the line has no end: it may be a part of one, and is not obeyed";
	return give(l, l->text.len, wrong, out);
}
