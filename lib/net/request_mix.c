#include "net/request_mix.h"

#include "base/marks.h"
#include "base/num.h"
#include "base/redis_verb.h"
#include "base/suggest.h"
#include "net/http_words.h"
#include "net/pattern.h"
#include "stream/json.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINES_MAX = 100000, VALUE_BYTES_MAX = 16 << 20 };

static const char blanks[] = " \t\r";

/* Up to the next blank that is not within a placeholder. */
static size_t word_length(const char *text)
{
	size_t len = 0, skip;
	for (; text[len] && !strchr(blanks, text[len]); len += skip ? skip : 1)
		skip = pattern_length(text + len, strlen(text + len));
	return len;
}

/* --- what the keys take --------------------------------------------------------- */

static int take_method(struct mix_line *l, const char *text, struct err *e)
{
	if (!http_is_token(text))
		return err_usage(e, "'%s' is neither an HTTP method nor a URL nor a path", text);
	l->method = mem_strdup(text);
	return http_check_method(text, e);
}

static int take_path(struct mix_line *l, const char *text, struct err *e)
{
	if (!*text || !strchr("/?#", *text))
		return err_usage(e, "'%s' does not start with '/'", text);
	if (pattern_check(text, strlen(text), e))
		return -1;
	for (const char *c = text; *c; c++) {
		size_t skip = pattern_length(c, strlen(c));
		if (!skip && ((unsigned char)*c <= ' ' || *c == 127))
			return err_usage(e, "'%s' has a blank or control character", text);
		c += skip ? skip - 1 : 0;
	}
	if (l->path)
		return err_usage(e, "'url' and 'path' do not go together");
	l->path = mem_strdup(text);
	return 0;
}

static int take_url(struct mix_line *l, const char *text, struct err *e)
{
	const char *host = strstr(text, "://");
	const char *path = host ? host + 3 + strcspn(host + 3, "/?#") : text + strlen(text);
	char *origin = mem_printf("%.*s", (int)(path - text), text);
	int rc = l->whole ? err_usage(e, "a request has one URL") : url_parse(origin, &l->url, e);
	if (!rc && url_is_redis(&l->url)) {
		char *shown = url_public(origin);
		rc = err_usage(e, "'%s' is not HTTP", shown);
		free(shown);
	}
	free(origin);
	l->whole = true;
	return rc || !*path ? rc : take_path(l, path, e);
}

static int take_body(struct mix_line *l, const char *text, struct err *e)
{
	l->has_body = true;
	if (*text == '@' && file_read(text + 1, &l->body, e))
		return -1;
	if (*text == '@')
		return pattern_check(l->body.data, l->body.len, e);
	char *filled = pattern_check(text, strlen(text), e) ? NULL
							    : marks_fill_as(text, l->value_of, pattern_add_value, e);
	if (!filled)
		return -1;
	buf_addstr(&l->body, filled);
	free(filled);
	return 0;
}

void mix_line_header(struct mix_line *l, const char *header)
{
	l->headers = mem_grow(l->headers, &l->header_alloc, l->header_count, sizeof *l->headers);
	l->headers[l->header_count++] = mem_strdup(header);
}

static int take_expect(struct mix_line *l, const char *text, struct err *e)
{
	l->has_expect = true;
	return http_expect_parse(text, &l->expect, e);
}

static int take_contains(struct mix_line *l, const char *text, struct err *e)
{
	l->contains = mem_strdup(text);
	return *text ? 0 : err_usage(e, "'contains' is empty, so every answer would match");
}

static int take_number(const char *text, int64_t max, uint64_t *n, struct err *e)
{
	int64_t i;
	if (num_i64(text, 1, max, &i))
		return err_usage(e, "'%s' is no whole number from 1 to %lld", text,
				 (long long)max);
	*n = (uint64_t)i;
	return 0;
}

static int take_weight(struct mix_line *l, const char *text, struct err *e)
{
	return take_number(text, 1000000000, &l->weight, e);
}

static int take_value_bytes(struct mix_line *l, const char *text, struct err *e)
{
	return take_number(text, VALUE_BYTES_MAX, &l->command.value_bytes, e);
}

static int add_word(struct mix_line *l, const char *word, size_t len, struct err *e)
{
	struct redis_template *c = &l->command;
	c->words = mem_grow(c->words, &l->word_alloc, c->word_count, sizeof *c->words);
	c->words[c->word_count++] = mem_printf("%.*s", (int)len, word);
	return pattern_check(word, len, e);
}

/* The op of a sample is the verb and the key. */
static int take_run(struct mix_line *l, const char *text, struct err *e)
{
	struct redis_template *c = &l->command;
	for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
		size_t len = word_length(text);
		if (add_word(l, text, len, e))
			return -1;
		text += len;
	}
	if (!c->word_count)
		return err_usage(e, "there is no command");
	if (strcasecmp(c->words[0], "AUDIT") == 0) {
		c->mark = true;
		c->op = mem_strdup("AUDIT");
		return c->word_count == 1 ? 0 : err_usage(e, "AUDIT takes no arguments: its key is the prefix of --audit");
	}
	if (!http_is_token(c->words[0]))
		return err_usage(e, "'%s' is no command", c->words[0]);
	const char *key = c->word_count > 1 ? c->words[1] : "";
	bool client = strcasecmp(c->words[0], "CLIENT") == 0;
	if (redis_verb_of_connection(c->words[0], key)) /* no further words: AUTH has a password */
		return err_usage(e, "'%s%s%s' changes what the connection answers to other requests", c->words[0],
				 client ? " " : "", client ? key : "");
	char *escaped = mem_alloc(3 * strlen(key) + 1);
	url_escape_field(key, escaped);
	c->op = mem_printf("%s%s%s", c->words[0], *key ? " " : "", escaped);
	free(escaped);
	return 0;
}

/* --- a line --------------------------------------------------------------------- */

enum protocol { ANY, HTTP, REDIS };

static const struct key {
	const char *name;
	int (*take)(struct mix_line *l, const char *text, struct err *e); /* NULL: headers */
	enum protocol of;
} keys[] = {
	{"method", take_method, HTTP}, {"path", take_path, HTTP},
	{"url", take_url, HTTP},       {"headers", NULL, HTTP},
	{"expect", take_expect, HTTP}, {"body", take_body, HTTP},
	{"weight", take_weight, ANY},  {"contains", take_contains, HTTP},
	{"run", take_run, REDIS},      {"value_bytes", take_value_bytes, REDIS},
};

static const struct key *find(const char *name, struct err *e)
{
	const char *near = NULL;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
		suggest(name, keys[i].name, &near);
	}
	err_usage(e, "unknown key '%s'%s%s%s", name, SUGGESTED(near, "; see REQUESTS in chaos-load(1)"));
	return NULL;
}

static int take_header(struct mix_line *l, const char *name, const char *text, struct err *e)
{
	char *filled = marks_fill(text, l->value_of, e);
	if (!filled)
		return -1;
	char *whole = mem_printf("%s: %s", name, filled);
	int rc = 0;
	if (!http_is_token(name) || strpbrk(filled, "\r\n"))
		rc = err_usage(e, "'%s: %s' is no header", name, text);
	else
		mix_line_header(l, whole);
	free(filled);
	free(whole);
	return rc;
}

/* A text, or a whole number as one. */
static int take_value(struct mix_line *l, const struct key *k, const char *header,
		      const struct json *v, struct err *e)
{
	struct buf text = BUF_INIT;
	int64_t whole_number = json_int(v, 0);
	double number = json_num(v, 0);
	int rc = 0;
	if (json_is_string(v))
		buf_addstr(&text, json_str(v, ""));
	else if (json_is_number(v) && (number < (double)whole_number || number > (double)whole_number))
		json_write(v, false, &text);
	else if (json_is_number(v)) /* 3.0 too, as some write it */
		buf_addf(&text, "%lld", (long long)whole_number);
	else
		rc = err_usage(e, k->take == take_expect ? "expected one text of statuses, as \"200-299,304\""
							 : "expected text or a number");
	if (!rc && k->take) {
		rc = k->take(l, text.data, e);
	} else if (!rc) {
		rc = take_header(l, header, text.data, e);
	}
	buf_release(&text);
	return rc ? err_prefix(e, "'%s'", k->name) : 0;
}

static int take_json(struct mix_line *l, const struct json *j, struct err *e)
{
	void *at = NULL;
	const char *name, *header = NULL;
	const struct json *value, *v = NULL;
	enum protocol of = json_is_null(json_get(j, "run")) ? HTTP : REDIS;
	while (json_next(j, &at, &name, &value)) {
		const struct key *k = find(name, e);
		void *in = NULL;
		if (!k)
			return -1;
		if (k->of != ANY && k->of != of)
			return err_usage(e, "'%s' is for %s, which has %s 'run'", name,
					 of == HTTP ? "Redis" : "HTTP", of == HTTP ? "a" : "no");
		if (!k->take && !json_is_object(value))
			return err_usage(e, "'%s': expected an object of names and values", name);
		if (k->take && take_value(l, k, NULL, value, e))
			return -1;
		while (!k->take && json_next(value, &in, &header, &v))
			if (take_value(l, k, header, v, e))
				return -1;
	}
	return 0;
}

static int take_words(struct mix_line *l, const char *text, struct err *e)
{
	const char *at = text + strspn(text, blanks);
	int rc = 0;
	for (size_t len; *at && !rc; at += len, at += strspn(at, blanks)) {
		len = word_length(at);
		char *word = mem_printf("%.*s", (int)len, at);
		bool placed = l->path || l->whole;
		if (placed && *word == '@' && !l->has_body)
			rc = take_body(l, word, e);
		else if (placed && (l->weight || l->has_body || take_weight(l, word, e)))
			rc = err_usage(
				e, "'%s' is neither a weight from 1 to 1000000000 nor @FILE", word);
		else if (!placed && strstr(word, "://"))
			rc = take_url(l, word, e);
		else if (!placed)
			rc = *word == '/' || l->method ? take_path(l, word, e)
						       : take_method(l, word, e);
		if (rc)
			err_prefix(e, "column %d", (int)(at - text) + 1);
		free(word);
	}
	return rc || l->path || l->whole
		       ? rc
		       : err_usage(e, "'%s' needs a URL or a path after it", l->method);
}

static void release_line(struct mix_line *l)
{
	free(l->method);
	free(l->path);
	url_release(&l->url);
	buf_release(&l->body);
	mem_free_texts(l->headers, l->header_count);
	free(l->contains);
	mem_free_texts(l->command.words, l->command.word_count);
	free(l->command.op);
}

static struct mix_line *add_line(struct request_mix *a, int number)
{
	a->lines = mem_grow(a->lines, &a->alloc, a->count, sizeof *a->lines);
	a->lines[a->count] = (struct mix_line){.number = number, .value_of = a->value_of, .body = BUF_INIT};
	return &a->lines[a->count++];
}

static int take_line(struct request_mix *a, const char *name, int number, char *text, struct err *e)
{
	const char *start = text + strspn(text, blanks);
	if (!*start || *start == '#')
		return 0;
	if (a->count == LINES_MAX)
		return err_usage(e, "'%s' has more than %d lines", name, LINES_MAX);
	struct mix_line *l = add_line(a, number);
	struct json *j = NULL;
	a->wrong = number; /* until it proves to be right */
	if (*start == '{' && !(j = json_parse_at(text, strlen(text), name, number, e)))
		return -1;
	int rc = j && strstr(text, "\\u0000") ? err_usage(e, "a NUL byte cannot be sent")
		 : j			      ? take_json(l, j, e)
					      : take_words(l, text, e);
	json_free(j);
	if (!rc && l->contains && l->method && strcmp(l->method, "HEAD") == 0)
		rc = err_usage(e, "an answer to HEAD has no body that contains anything");
	if (rc || http_check_body(l->method, l->has_body, e))
		return number ? err_prefix(e, "%s:%d", name, number) : err_prefix(e, "%s", name);
	a->wrong = 0;
	l->command.weight = l->weight;
	a->anywhere += !l->whole;
	a->weighted |= l->weight > 0;
	return 0;
}

int request_mix_read(struct request_mix *a, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	*a = (struct request_mix){.value_of = a->value_of};
	int rc = file_read_text(path, &text, e), number = 0;
	if (!rc && strlen(text.data) != text.len)
		rc = err_usage(e, "'%s' contains a NUL byte; it is not a text", path);
	for (char *next = text.data, *line; !rc && (line = strsep(&next, "\n"));)
		rc = take_line(a, path, ++number, line, e);
	if (!rc && !a->count)
		rc = err_usage(e, "'%s' has no requests", path);
	for (size_t i = 0; i < a->count && a->weighted; i++)
		if (!a->lines[i].weight)
			a->lines[i].weight = a->lines[i].command.weight = 1;
	buf_release(&text);
	return rc;
}

int request_mix_line(struct request_mix *a, const char *text, const char *option, struct err *e)
{
	char *copy = mem_strdup(text);
	int rc = take_line(a, option, 0, copy, e);
	free(copy);
	return rc;
}

int request_mix_one(struct request_mix *a, const char *method, const char *body, struct err *e)
{
	struct mix_line *l = add_line(a, 0);
	a->anywhere++;
	l->method = mem_strdup(method);
	return body && take_body(l, body, e) ? err_prefix(e, "--body") : 0;
}

int request_mix_counter(struct request_mix *a, const char *key, struct err *e)
{
	static const char *const verbs[] = {"INCR", "GET"};
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		struct mix_line *l = add_line(a, 0);
		a->anywhere++;
		l->command.op = mem_strdup(verbs[i]);
		if (add_word(l, verbs[i], strlen(verbs[i]), e) ||
		    add_word(l, key, strlen(key), e))
			return err_prefix(e, "--key");
	}
	return 0;
}

int request_mix_marks(struct request_mix *a, struct err *e)
{
	a->anywhere++;
	return take_run(add_line(a, 0), "AUDIT", e);
}

void request_mix_release(struct request_mix *a)
{
	for (size_t i = 0; i < a->count; i++)
		release_line(&a->lines[i]);
	free(a->lines);
	*a = (struct request_mix){0};
}
