#include "stream/lines.h"

#include "base/text.h"

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
	buf_consume(&l->text, l->given);
	l->given = 0;
	buf_add(&l->text, data, len);
}

static const char *what_is_wrong(const char *text, size_t len)
{
	if (len > LINES_BYTES_MAX)
		return "the line is longer than 4096 bytes";
	return memchr(text, '\0', len) ? "the line has a NUL byte" : NULL;
}
_Static_assert(LINES_BYTES_MAX == 4096, "as it is told");

/* Returns the next len bytes as a line, and skips step bytes. */
static bool give(struct lines *l, size_t len, size_t step, const char *wrong, struct line *out)
{
	char *text = l->text.data + l->given;
	text[len] = '\0';
	text += l->number ? 0 : utf8_mark_length(text, len);
	*out = (struct line){.text = wrong ? NULL : text, .wrong = wrong, .number = ++l->number};
	l->given += step;
	return true;
}

bool lines_next(struct lines *l, struct line *out)
{
	const char *text, *end;
	size_t left;
	for (;;) {
		text = l->text.data + l->given;
		left = l->text.len - l->given;
		end = left ? memchr(text, '\n', left) : NULL;
		if (!end)
			break;
		size_t len = (size_t)(end - text);
		if (!l->skipping)
			return give(l, len, len + 1, what_is_wrong(text, len), out);
		l->given += len + 1;
		l->skipping = false;
	}
	if (left <= LINES_BYTES_MAX)
		return false;
	if (l->skipping) {
		l->given += left;
		return false;
	}
	l->skipping = true; /* reported before the end of the line, which may never come */
	return give(l, left, left, what_is_wrong(text, left), out);
}

bool lines_last(struct lines *l, bool is_file, struct line *out)
{
	const char *text = l->text.data + l->given;
	size_t left = l->text.len - l->given;
	if (left == 0 || l->skipping) {
		l->given = l->text.len;
		return false;
	}
	const char *wrong = what_is_wrong(text, left);
	if (!wrong && !is_file)
		wrong = "the line has no end: it may be a part of one, and is not obeyed";
	return give(l, left, left, wrong, out);
}
