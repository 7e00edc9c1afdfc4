#include "base/text.h"

#include <string.h>

size_t utf8_length(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	if (u[0] < 0x80)
		return 1;
	size_t len = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
	    (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	return len;
}

size_t utf8_mark_length(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

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

bool name_is_plain(const char *s)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(s);
	return len > 0 && len <= NAME_LETTERS_MAX && strspn(s, letters) == len;
}

bool text_has_word(const char *words, char mark, const char *word)
{
	size_t len = strlen(word);
	if (strchr(word, mark))
		return false; /* several */
	while (strncmp(words, word, len) != 0 || (words[len] && words[len] != mark)) {
		const char *at = strchr(words, mark);
		if (!at)
			return false;
		words = at + 1;
	}
	return true;
}
