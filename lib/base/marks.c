#include "base/marks.h"

#include <stdio.h>
#include <string.h>

static const char opens[] = "${env ", letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
enum { OPENS = sizeof opens - 1, NAME_BYTES_MAX = 200 };

bool marks_in(const char *text)
{
	return strstr(text, opens);
}

/* Adds what the mark at that place stands for. Its length, or 0. */
static size_t fill(const char *whole, const char *text, char *(*value_of)(const char *name), marks_put *put,
		   struct buf *out, struct err *e)
{
	char name[NAME_BYTES_MAX];
	const char *at = text + OPENS, *end = strchr(at, '}');
	size_t len = strspn(at, letters);
	bool has_default = strncmp(at + len, ":-", 2) == 0;
	if (!end || !len || len >= sizeof name || strspn(at, "0123456789") || (!has_default && at + len != end)) {
		err_usage(e, "'%.*s' is no mark; want ${env NAME} or ${env NAME:-TEXT}",
			  end ? (int)(end + 1 - text) : OPENS - 1, text);
		return 0;
	}
	snprintf(name, sizeof name, "%.*s", (int)len, at);
	const char *value = value_of(name);
	if (has_default && (!value || !*value)) {
		buf_add(out, at + len + 2, (size_t)(end - at) - len - 2);
	} else if (value && put) {
		put(out, value, whole, (size_t)(text - whole));
	} else if (value) {
		buf_addstr(out, value);
	} else {
		err_usage(e, "the environment variable '%s' is not set", name);
		return 0;
	}
	return (size_t)(end + 1 - text);
}

char *marks_fill_as(const char *text, char *(*value_of)(const char *name), marks_put *put, struct err *e)
{
	struct buf out = BUF_INIT;
	const char *whole = text;
	for (const char *mark; (mark = value_of ? strstr(text, opens) : NULL);) {
		bool kept = mark > text && mark[-1] == '$';
		buf_add(&out, text, (size_t)(mark - text) - kept);
		size_t len = kept ? OPENS : fill(whole, mark, value_of, put, &out, e);
		if (kept)
			buf_addstr(&out, opens);
		if (!len) {
			buf_release(&out);
			return NULL;
		}
		text = mark + len;
	}
	buf_addstr(&out, text);
	char *filled = mem_strdup(out.data);
	buf_release(&out);
	return filled;
}

char *marks_fill(const char *text, char *(*value_of)(const char *name), struct err *e)
{
	return marks_fill_as(text, value_of, NULL, e);
}
