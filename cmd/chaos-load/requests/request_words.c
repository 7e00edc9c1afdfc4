/* A line of --requests in words. */
#include "requests/request_line.h"

#include "base/num.h"

#include <string.h>

enum { WORDS_MAX = 4 };

struct word {
	const char *text;
	int column; /* from 1 */
};

/* Splits in place at blanks; -1 if there are more words than any line has. */
static int split(char *line, struct word *words)
{
	int count = 0;
	for (char *at = line + strspn(line, REQUEST_BLANKS); *at; at += strspn(at, REQUEST_BLANKS)) {
		if (count == WORDS_MAX)
			return -1;
		words[count++] = (struct word){at, (int)(at - line) + 1};
		at += request_word_length(at);
		if (*at)
			*at++ = '\0';
	}
	return count;
}

static bool is_place(const char *word)
{
	return *word == '/' || strstr(word, "://");
}

static int err_at(struct err *e, const struct word *w)
{
	return err_prefix(e, "column %d", w->column);
}

static int take_rest(struct mix_line *l, const struct word *w, struct err *e)
{
	int64_t weight;
	if (*w->text == '@' && !l->has_body)
		return request_body(l, w->text, e) ? err_at(e, w) : 0;
	if (l->weight || l->has_body || num_i64(w->text, 1, REQUEST_WEIGHT_MAX, &weight)) {
		err_usage(e, "'%s' is neither a weight from 1 to 1000000000 nor @FILE", w->text);
		return err_at(e, w);
	}
	l->weight = (uint64_t)weight;
	return 0;
}

int request_words(struct mix_line *l, char *text, struct err *e)
{
	struct word words[WORDS_MAX] = {{0}};
	int count = split(text, words), at = 0;
	if (count < 0)
		return err_usage(e, "more than METHOD URL WEIGHT @FILE");
	if (!is_place(words[0].text) && request_method(l, words[at++].text, e))
		return err_at(e, &words[0]);
	if (at == count)
		return err_usage(e, "'%s' what? a URL or a path stands behind it", words[0].text);
	const struct word *w = &words[at++];
	if (!is_place(w->text))
		return err_usage(e, "'%s' is neither a URL nor a path", w->text), err_at(e, w);
	if (*w->text == '/' ? request_path(l, w->text, e) : request_url(l, w->text, e))
		return err_at(e, w);
	while (at < count)
		if (take_rest(l, &words[at++], e))
			return -1;
	return 0;
}
