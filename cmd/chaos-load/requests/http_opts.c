#include "requests/http_opts.h"

#include "base/num.h"
#include "base/suggest.h"
#include "base/url.h"
#include "net/http_request.h"
#include "sys/file.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

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
		return err_usage(e, "'%s' is no HTTP method%s%s%s", text, near ? "; did you mean '" : "",
				 near ? near : "", near ? "'?" : "");
	return 0;
}

int http_check_body(const char *method, bool has_body, struct err *e)
{
	if (has_body && method && (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0))
		return err_usage(e, "a body does not go with %s", method);
	return 0;
}

static int check_headers(const struct load_opts *o, struct err *e)
{
	for (size_t i = 0; i < o->headers.count; i++) {
		const char *h = o->headers.items[i], *colon = strchr(h, ':');
		char name[128];
		size_t len = colon ? (size_t)(colon - h) : 0;
		if (!colon || len >= sizeof name)
			return err_usage(e, "--header: '%s' is not 'NAME: VALUE'", h);
		memcpy(name, h, len);
		name[len] = '\0';
		if (!http_is_token(name) || strpbrk(h, "\r\n"))
			return err_usage(e, "--header: '%s' is not 'NAME: VALUE'", h);
	}
	return 0;
}

static int check_secret(const struct load_opts *o, struct err *e)
{
	const struct http_template given = {.headers = o->headers.items,
					    .header_count = o->headers.count};
	if (o->user_file && o->bearer_file)
		return err_usage(e, "--user-file and --bearer-file do not go together");
	if ((o->user_file || o->bearer_file) && http_header_given(&given, "Authorization"))
		return err_usage(e, "--%s and --header 'Authorization' do not go together",
				 o->user_file ? "user-file" : "bearer-file");
	return 0;
}

/* shown stands for the proxy in messages. */
static int check_proxy_as(const char *proxy, const char *shown, struct err *e)
{
	static const char *const schemes[] = {"http",	 "https",  "socks4",
					      "socks4a", "socks5", "socks5h"};
	const char *colon = strstr(proxy, "://"), *near = NULL;
	char scheme[16] = "http";
	size_t len = colon ? (size_t)(colon - proxy) : 0;
	if (strcmp(proxy, "env") == 0)
		return 0;
	if (len >= sizeof scheme)
		return err_usage(e, "--proxy: '%s' has an unknown scheme", shown);
	if (colon)
		memcpy(scheme, proxy, len);
	scheme[colon ? len : 4] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		if (strcmp(scheme, schemes[i]) == 0)
			return 0;
		suggest(scheme, schemes[i], &near);
	}
	return err_usage(e, "--proxy: '%s' has an unknown scheme; %s'%s'%s", shown,
			 near ? "did you mean " : "known are http, https, socks4, socks4a, ",
			 near ? near : "socks5", near ? "?" : " and socks5h");
}

static int check_proxy(const char *proxy, struct err *e)
{
	char *shown = url_public(proxy);
	const char *colon = strstr(proxy, "://");
	/* libcurl would show the password of a host that it cannot parse. */
	char *rest = mem_printf("http://%s", colon ? colon + 3 : proxy);
	struct url u;
	int rc = check_proxy_as(proxy, shown, e);
	if (!rc && url_parse(rest, &u, e))
		rc = err_prefix(e, "--proxy");
	if (!rc)
		url_release(&u);
	explicit_bzero(rest, strlen(rest));
	free(rest);
	free(shown);
	return rc;
}

int http_opts_check(const struct load_opts *o, struct err *e)
{
	struct http_expect x;
	if (o->method && http_check_method(o->method, e))
		return err_prefix(e, "--method");
	if (http_check_body(o->method, o->body, e))
		return err_prefix(e, "--body");
	if (o->requests && (o->method || o->body || o->key))
		return err_usage(e, "--requests says what is asked for; --%s does not go with it",
				 o->method ? "method" : o->body ? "body" : "key");
	if (o->cacert && access(o->cacert, R_OK))
		return err_usage(e, "--cacert: cannot read '%s': %s", o->cacert, strerror(errno));
	if (o->unix_socket && o->proxy)
		return err_usage(e, "--unix-socket and --proxy do not go together");
	if (o->proxy && check_proxy(o->proxy, e))
		return -1;
	if (o->expect && http_expect_parse(o->expect, &x, e))
		return err_prefix(e, "--expect");
	return check_headers(o, e) || check_secret(o, e) ? -1 : 0;
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
		return err_usage(e, "that is too long");
	memcpy(copy, text, strlen(text) + 1);
	while ((range = strsep(&next, ",")))
		if (expect_range(range, x, e))
			return -1;
	return 0;
}

int http_read_secret(const struct load_opts *o, struct buf *line, struct err *e)
{
	const char *path = o->user_file ? o->user_file : o->bearer_file;
	const char *option = o->user_file ? "--user-file" : "--bearer-file";
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
	if (!rc && (!text.len || (o->user_file && !strchr(text.data, ':'))))
		rc = err_usage(e, "%s: '%s' does not hold %s", option, path,
			       o->user_file ? "USER:PASSWORD" : "a token");
	if (!rc && o->user_file) {
		buf_addstr(line, "Authorization: Basic ");
		http_base64(text.data, line);
	} else if (!rc) {
		buf_addf(line, "Authorization: Bearer %s", text.data);
	}
	explicit_bzero(text.data, text.alloc);
	buf_release(&text);
	return rc;
}
