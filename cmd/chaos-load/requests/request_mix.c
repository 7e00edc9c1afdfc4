#include "requests/request_mix.h"

#include "base/num.h"
#include "base/suggest.h"
#include "requests/http_opts.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

enum {
	LINES_MAX = 100000,
	WORDS_MAX = 4,
};

static const uint64_t weight_max = 1000000000;

struct word {
	const char *text;
	int column; /* from 1 */
};

static const char *const methods[] = {"GET",	"HEAD",	 "POST",    "PUT",
				      "DELETE", "PATCH", "OPTIONS", "TRACE"};

/* Splits in place at blanks; -1 if there are more words than any line has. */
static int split(char *line, struct word *words)
{
	int count = 0;
	for (char *at = line + strspn(line, " \t\r"); *at; at += strspn(at, " \t\r")) {
		if (count == WORDS_MAX)
			return -1;
		words[count++] = (struct word){at, (int)(at - line) + 1};
		at += strcspn(at, " \t\r");
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

/* Accepts any token, but rejects one that looks like a misspelt common method. */
static int take_method(struct mix_line *l, const struct word *w, struct err *e)
{
	const char *near = NULL;
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		suggest(w->text, methods[i], &near);
	if (!http_is_token(w->text))
		err_usage(e, "'%s' is neither an HTTP method nor a URL nor a path", w->text);
	else if (near && strcmp(near, w->text) != 0)
		err_usage(e, "'%s' is no HTTP method; did you mean '%s'?", w->text, near);
	else {
		l->method = mem_strdup(w->text);
		return 0;
	}
	return err_at(e, w);
}

static int take_place(struct mix_line *l, const struct word *w, struct err *e)
{
	if (*w->text == '/') {
		for (const char *c = w->text; *c; c++)
			if ((unsigned char)*c <= ' ' || *c == 127)
				return err_usage(e, "'%s' has a control character", w->text),
				       err_at(e, w);
		l->path = mem_strdup(w->text);
		return 0;
	}
	if (url_parse(w->text, &l->url, e))
		return err_at(e, w);
	l->whole = true;
	if (url_is_redis(&l->url)) {
		char *shown = url_public(w->text);
		err_usage(e, "'%s' is not HTTP", shown);
		free(shown);
		return err_at(e, w);
	}
	l->path = *l->url.path ? mem_strdup(l->url.path) : NULL;
	l->url.path = "";
	return 0;
}

static int take_rest(struct mix_line *l, const struct word *w, struct err *e)
{
	if (*w->text == '@' && !l->has_body) {
		l->has_body = true;
		return file_read(w->text + 1, &l->body, e) ? err_at(e, w) : 0;
	}
	if (!l->weight && !l->has_body && num_u64(w->text, weight_max, &l->weight) == 0 &&
	    l->weight > 0)
		return 0;
	err_usage(e, "'%s' is neither a weight from 1 to 1000000000 nor @FILE", w->text);
	return err_at(e, w);
}

static int take_line(struct request_mix *a, char *text, struct err *e)
{
	struct word words[WORDS_MAX];
	int count = split(text, words), at = 0;
	if (!count || *words[0].text == '#')
		return 0;
	if (count < 0)
		return err_usage(e, "more than METHOD URL WEIGHT @FILE");
	if (a->count == LINES_MAX)
		return err_usage(e, "more than %d lines", LINES_MAX);
	a->lines = mem_grow(a->lines, &a->alloc, a->count, sizeof *a->lines);
	struct mix_line *l = &a->lines[a->count++];
	*l = (struct mix_line){.body = BUF_INIT};
	if (!is_place(words[0].text) && take_method(l, &words[at++], e))
		return -1;
	if (at == count)
		return err_usage(e, "'%s' what? a URL or a path stands behind it", words[0].text);
	if (!is_place(words[at].text))
		return err_usage(e, "'%s' is neither a URL nor a path", words[at].text),
		       err_at(e, &words[at]);
	if (take_place(l, &words[at++], e))
		return -1;
	while (at < count)
		if (take_rest(l, &words[at++], e))
			return -1;
	a->anywhere += !l->whole;
	a->weighted |= l->weight > 0;
	return http_check_body(l->method, l->has_body, e);
}

int request_mix_read(struct request_mix *a, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	*a = (struct request_mix){0};
	int rc = file_read_text(path, &text, e), number = 0;
	if (!rc && strlen(text.data) != text.len)
		rc = err_usage(e, "'%s' holds a NUL byte; it is no text", path);
	for (char *next = text.data, *line; !rc && (line = strsep(&next, "\n"));) {
		number++;
		if ((rc = take_line(a, line, e)))
			err_prefix(e, "%s:%d", path, number);
	}
	if (!rc && !a->count)
		rc = err_usage(e, "'%s' asks for nothing", path);
	for (size_t i = 0; i < a->count && a->weighted; i++)
		if (!a->lines[i].weight)
			a->lines[i].weight = 1;
	buf_release(&text);
	return rc;
}

void request_mix_release(struct request_mix *a)
{
	for (size_t i = 0; i < a->count; i++) {
		free(a->lines[i].method);
		free(a->lines[i].path);
		url_release(&a->lines[i].url);
		buf_release(&a->lines[i].body);
	}
	free(a->lines);
	*a = (struct request_mix){0};
}
