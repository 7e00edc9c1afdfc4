#include "net/http_words.h"

#include "base/num.h"
#include "base/suggest.h"
#include "net/http_request.h"
#include "sys/file.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool http_is_token(const char *s)
{
	const char *at = s;
	while (*at && (isalnum((unsigned char)*at) || strchr("!#$%&'*+-.^_`|~", *at)))
		at++;
	return at > s && !*at;
}

int http_check_method(const char *text, struct err *e)
{
	static const char *const methods[] = {"GET",	"HEAD",	 "POST",    "PUT",
					      "DELETE", "PATCH", "OPTIONS", "TRACE"};
	const char *near = NULL;
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		suggest(text, methods[i], &near);
		near = strcasecmp(text, methods[i]) == 0 ? methods[i] : near;
	}
	if (!http_is_token(text) || (near && strcmp(near, text) != 0))
		return err_usage(e, "'%s' is no HTTP method%s%s%s", text, SUGGESTED(near, ""));
	return 0;
}

int http_check_body(const char *method, bool has_body, struct err *e)
{
	if (has_body && method && (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0))
		return err_usage(e, "a body does not go with %s", method);
	return 0;
}

static int expect_range(char *text, struct http_expect *x, struct err *e)
{
	int64_t from, to;
	const char *second = strchr(text, '-');
	char first[8];
	size_t len = second ? (size_t)(second - text) : strlen(text);
	if (len >= sizeof first)
		return err_usage(e, "'%s' is no status or range of them (200-299,304)", text);
	memcpy(first, text, len);
	first[len] = '\0';
	if (num_i64(first, 100, 999, &from) ||
	    num_i64(second ? second + 1 : first, 100, 999, &to) || from > to)
		return err_usage(e, "'%s' is no status or range of them (200-299,304)", text);
	if (to >= 400)
		return err_usage(e,
				 "'%s': a status of 400 or more is a failure for every reader of "
				 "samples; 100 to 399 can be expected",
				 text);
	for (; from <= to; from++)
		x->ok[from] = true;
	return 0;
}

int http_expect_parse(const char *text, struct http_expect *x, struct err *e)
{
	char copy[256], *next = copy, *range;
	*x = (struct http_expect){{false}};
	if (strlen(text) >= sizeof copy)
		return err_usage(e, "the list of statuses is longer than 255 bytes");
	memcpy(copy, text, strlen(text) + 1);
	while ((range = strsep(&next, ",")))
		if (expect_range(range, x, e))
			return -1;
	return 0;
}

int http_read_secret(const char *user_file, const char *bearer_file, struct buf *line, struct err *e)
{
	const char *path = user_file ? user_file : bearer_file;
	const char *option = user_file ? "--user-file" : "--bearer-file";
	struct buf text = BUF_INIT;
	int rc = 0;
	if (!path)
		return 0;
	if (file_read_text(path, &text, e))
		rc = err_prefix(e, "%s", option);
	while (!rc && text.len && strchr("\r\n", text.data[text.len - 1]))
		text.data[--text.len] = '\0';
	for (size_t i = 0; i < text.len && !rc; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 127)
			rc = err_usage(e, "%s: '%s' has more than one line", option, path);
	if (!rc && (!text.len || (user_file && !strchr(text.data, ':'))))
		rc = err_usage(e, "%s: '%s' does not hold %s", option, path,
			       user_file ? "USER:PASSWORD" : "a token");
	if (!rc && user_file) {
		buf_addstr(line, "Authorization: Basic ");
		http_base64(text.data, line);
	} else if (!rc) {
		buf_addf(line, "Authorization: Bearer %s", text.data);
	}
	explicit_bzero(text.data, text.alloc);
	buf_release(&text);
	return rc;
}
