/* Text with its length: what a row of samples has in a column. */
#ifndef CSV_TEXT_H
#define CSV_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Borrowed, not NUL-terminated. */
struct csv_text {
	const char *at;
	size_t len;
};

static inline struct csv_text csv_text_of(const char *s)
{
	return (struct csv_text){s, strlen(s)};
}

static inline bool csv_text_is(struct csv_text t, const char *word)
{
	return t.len == strlen(word) && memcmp(t.at, word, t.len) == 0;
}

#endif
