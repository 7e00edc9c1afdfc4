#include "requests/http_opts.h"

#include "base/marks.h"
#include "base/suggest.h"
#include "net/http_request.h"
#include "net/http_words.h"
#include "url/url.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_headers(const struct load_opts *o, struct err *e)
{
	for (size_t i = 0; i < o->headers.count; i++) {
		const char *h = o->headers.items[i], *colon = strchr(h, ':');
		char name[128] = "", *filled = marks_fill(h, getenv, e);
		size_t len = colon ? (size_t)(colon - h) : 0;
		bool lines = filled && strpbrk(filled, "\r\n");
		free(filled);
		if (!filled)
			return err_prefix(e, "--header");
		if (len < sizeof name)
			memcpy(name, h, len);
		if (!http_is_token(name) || lines)
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

