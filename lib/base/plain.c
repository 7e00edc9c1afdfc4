#include "base/plain.h"

#include "base/utf8.h"

#include <string.h>

/* Of two and three bytes, from first to last: C1, the marks and overrides of direction (UAX 9), the
 * separators of lines and paragraphs. */
static const struct {
	size_t len;
	char first[4], last[4];
} hidden[] = {
	{2, "\xc2\x80", "\xc2\x9f"},
	{2, "\xd8\x9c", "\xd8\x9c"},
	{3, "\xe2\x80\x8e", "\xe2\x80\x8f"},
	{3, "\xe2\x80\xa8", "\xe2\x80\xae"},
	{3, "\xe2\x81\xa6", "\xe2\x81\xa9"},
};

size_t plain_char(const char *s, size_t *step)
{
	size_t len = utf8_length(s);
	*step = len ? len : 1;
	if (len == 1)
		return (unsigned char)*s >= ' ' && *s != 127;
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		if (len == hidden[i].len && memcmp(s, hidden[i].first, len) >= 0 &&
		    memcmp(s, hidden[i].last, len) <= 0)
			return 0;
	return len;
}

/* Returns the new length. */
static size_t tame(char *text, size_t len, bool lines)
{
	char *out = text;
	for (size_t at = 0, step; at < len; at += step) {
		const char *p = text + at;
		bool ours = lines && (*p == '\n' || *p == '\t'), shown = plain_char(p, &step);
		if (ours || shown) {
			memmove(out, p, step);
			out += step;
		} else {
			*out++ = utf8_length(p) ? ' ' : '?';
		}
	}
	*out = '\0';
	return (size_t)(out - text);
}

void plain_line(char *text)
{
	tame(text, strlen(text), false);
}

void plain_lines(struct buf *text)
{
	if (text->len)
		text->len = tame(text->data, text->len, true);
}

void plain_add(struct buf *out, const char *text)
{
	size_t at = out->len;
	buf_addstr(out, text);
	if (out->len > at)
		out->len = at + tame(out->data + at, out->len - at, false);
}
