#include "requests/request_line.h"

#include "base/suggest.h"
#include "net/pattern.h"
#include "net/redis/redis_words.h"
#include "requests/http_opts.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

size_t request_word_length(const char *text)
{
	size_t len = 0, skip;
	for (; text[len] && !strchr(REQUEST_BLANKS, text[len]); len += skip ? skip : 1)
		skip = pattern_length(text + len, strlen(text + len));
	return len;
}

/* Accepts any token, but rejects one that looks like a misspelt common method. */
int request_method(struct mix_line *l, const char *text, struct err *e)
{
	static const char *const methods[] = {"GET",	"HEAD",	 "POST",    "PUT",
					      "DELETE", "PATCH", "OPTIONS", "TRACE"};
	const char *near = NULL;
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		suggest(text, methods[i], &near);
	if (!http_is_token(text))
		return err_usage(e, "'%s' is neither an HTTP method nor a URL nor a path", text);
	if (near && strcmp(near, text) != 0)
		return err_usage(e, "'%s' is no HTTP method; did you mean '%s'?", text, near);
	l->method = mem_strdup(text);
	return 0;
}

int request_path(struct mix_line *l, const char *text, struct err *e)
{
	if (pattern_check(text, strlen(text), e))
		return -1;
	for (const char *c = text; *c; c++) {
		size_t skip = pattern_length(c, strlen(c));
		if (!skip && ((unsigned char)*c <= ' ' || *c == 127))
			return err_usage(e, "'%s' has a blank or control character", text);
		c += skip ? skip - 1 : 0;
	}
	l->path = mem_strdup(text);
	return 0;
}

int request_url(struct mix_line *l, const char *text, struct err *e)
{
	const char *host = strstr(text, "://");
	const char *path = host ? host + 3 + strcspn(host + 3, "/?#") : text + strlen(text);
	char *origin = mem_printf("%.*s", (int)(path - text), text);
	int rc = url_parse(origin, &l->url, e);
	if (!rc && url_is_redis(&l->url)) {
		char *shown = url_public(origin);
		rc = err_usage(e, "'%s' is not HTTP", shown);
		free(shown);
	}
	free(origin);
	l->whole = true;
	return rc || !*path ? rc : request_path(l, path, e);
}

int request_body(struct mix_line *l, const char *text, struct err *e)
{
	l->has_body = true;
	if (*text == '@' && file_read(text + 1, &l->body, e))
		return -1;
	if (*text != '@')
		buf_addstr(&l->body, text);
	return pattern_check(l->body.data, l->body.len, e);
}

static void add_op(struct redis_template *c)
{
	const char *key = c->word_count > 1 ? c->words[1] : "";
	char *escaped = mem_alloc(3 * (strlen(c->words[0]) + strlen(key)) + 2);
	url_escape_field(c->words[0], escaped);
	if (*key) {
		strcat(escaped, " ");
		url_escape_field(key, escaped + strlen(escaped));
	}
	c->op = escaped;
}

int request_command(struct redis_template *c, const char *text, struct err *e)
{
	size_t alloc = 0;
	for (text += strspn(text, REQUEST_BLANKS); *text; text += strspn(text, REQUEST_BLANKS)) {
		size_t len = request_word_length(text);
		c->words = mem_grow(c->words, &alloc, c->word_count, sizeof *c->words);
		c->words[c->word_count++] = mem_printf("%.*s", (int)len, text);
		if (pattern_check(text, len, e))
			return -1;
		text += len;
	}
	if (!c->word_count)
		return err_usage(e, "there is no command");
	if (redis_verb_binds(c->words[0]))
		return err_usage(e, "'%s' changes the connection, which later requests share",
				 c->words[0]);
	add_op(c);
	return 0;
}

void request_command_release(struct redis_template *c)
{
	for (size_t i = 0; i < c->word_count; i++)
		free(c->words[i]);
	free(c->words);
	free(c->op);
	*c = (struct redis_template){0};
}
