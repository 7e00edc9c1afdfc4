/* A line of --requests as a JSON object. */
#include "requests/request_line.h"

#include "base/suggest.h"
#include "requests/http_opts.h"
#include "stream/json.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_BYTES_MAX = 16 << 20 };

static int text_of(const struct json *v, const char **text, struct err *e)
{
	*text = json_str(v, NULL);
	return *text ? 0 : err_usage(e, "expected text");
}

static int number_of(const struct json *v, int64_t max, uint64_t *n, struct err *e)
{
	double d = json_num(v, 0);
	int64_t i = json_int(v, 0);
	if (i < 1 || i > max || d < (double)i || d > (double)i)
		return err_usage(e, "expected a whole number from 1 to %lld", (long long)max);
	*n = (uint64_t)i;
	return 0;
}

static int take_method(struct mix_line *l, const struct json *v, struct err *e)
{
	const char *text;
	return text_of(v, &text, e) ? -1 : request_method(l, text, e);
}

static int take_path(struct mix_line *l, const struct json *v, struct err *e)
{
	const char *text;
	if (text_of(v, &text, e))
		return -1;
	return *text == '/' ? request_path(l, text, e)
			    : err_usage(e, "'%s' does not start with '/'", text);
}

static int take_url(struct mix_line *l, const struct json *v, struct err *e)
{
	const char *text;
	return text_of(v, &text, e) ? -1 : request_url(l, text, e);
}

static int take_body(struct mix_line *l, const struct json *v, struct err *e)
{
	const char *text;
	return text_of(v, &text, e) ? -1 : request_body(l, text, e);
}

static int take_headers(struct mix_line *l, const struct json *v, struct err *e)
{
	void *at = NULL;
	const char *name, *text;
	const struct json *value;
	if (!json_is_object(v))
		return err_usage(e, "expected an object of names and values");
	while (json_next(v, &at, &name, &value)) {
		if (text_of(value, &text, e))
			return err_prefix(e, "'%s'", name);
		if (!http_is_token(name) || strpbrk(text, "\r\n"))
			return err_usage(e, "'%s: %s' is no header", name, text);
		l->headers = mem_grow(l->headers, &l->header_alloc, l->header_count,
				      sizeof *l->headers);
		l->headers[l->header_count++] = mem_printf("%s: %s", name, text);
	}
	return 0;
}

static int take_weight(struct mix_line *l, const struct json *v, struct err *e)
{
	return number_of(v, REQUEST_WEIGHT_MAX, &l->weight, e);
}

static int take_expect(struct mix_line *l, const struct json *v, struct err *e)
{
	char number[32];
	snprintf(number, sizeof number, "%lld", (long long)json_int(v, 0));
	l->has_expect = true;
	return http_expect_parse(json_str(v, number), &l->expect, e);
}

static int take_contains(struct mix_line *l, const struct json *v, struct err *e)
{
	const char *text;
	if (text_of(v, &text, e))
		return -1;
	if (!*text)
		return err_usage(e, "every answer contains ''");
	l->contains = mem_strdup(text);
	return 0;
}

static int take_run(struct mix_line *l, const struct json *v, struct err *e)
{
	const char *text;
	return text_of(v, &text, e) ? -1 : request_command(&l->command, text, e);
}

static int take_value_bytes(struct mix_line *l, const struct json *v, struct err *e)
{
	uint64_t n = 0;
	int rc = number_of(v, VALUE_BYTES_MAX, &n, e);
	l->command.value_bytes = (size_t)n;
	return rc;
}

enum protocol { ANY, HTTP, REDIS };

static const struct key {
	const char *name;
	int (*take)(struct mix_line *l, const struct json *v, struct err *e);
	enum protocol of;
} keys[] = {
	{"method", take_method, HTTP},	   {"path", take_path, HTTP},
	{"url", take_url, HTTP},	   {"headers", take_headers, HTTP},
	{"body", take_body, HTTP},	   {"expect", take_expect, HTTP},
	{"contains", take_contains, HTTP}, {"weight", take_weight, ANY},
	{"run", take_run, REDIS},	   {"value_bytes", take_value_bytes, REDIS},
};

static const struct key *find(const char *name, struct err *e)
{
	const char *near = NULL;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
		suggest(name, keys[i].name, &near);
	}
	if (near)
		err_usage(e, "unknown key '%s'; did you mean '%s'?", name, near);
	else
		err_usage(e,
			  "unknown key '%s'; known are method, path, url, headers, body, expect, "
			  "contains, weight, and for Redis run, value_bytes",
			  name);
	return NULL;
}

int request_json(struct mix_line *l, const struct json *j, struct err *e)
{
	void *at = NULL;
	const char *name, *first = NULL;
	const struct json *value;
	enum protocol of = json_is_null(json_get(j, "run")) ? HTTP : REDIS;
	while (json_next(j, &at, &name, &value)) {
		const struct key *k = find(name, e);
		if (!k)
			return -1;
		if (k->of != ANY && k->of != of)
			return err_usage(e, of == REDIS ? "'%s' is for HTTP, and 'run' for Redis"
							: "'%s' is for Redis, and goes with 'run'",
					 name);
		if (k->take(l, value, e))
			return err_prefix(e, "'%s'", name);
		first = name;
	}
	if (l->path && l->whole && !json_is_null(json_get(j, "path")))
		return err_usage(e, "'url' and 'path' do not go together");
	return first ? 0 : err_usage(e, "an object without a key asks for nothing");
}
