#include "base/url.h"

#include "base/num.h"
#include "base/suggest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct scheme {
	const char *name;
	int port;
} schemes[] = {
	{"http", 80},
	{"https", 443},
	{"redis", 6379},
};

static const struct scheme *find_scheme(const char *name, const char **near)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		if (strcmp(schemes[i].name, name) == 0)
			return &schemes[i];
		suggest(name, schemes[i].name, near);
	}
	return NULL;
}

static int copy(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return -1;
	memcpy(to, from, len);
	to[len] = '\0';
	return 0;
}

static int parse_scheme(const char *text, struct url *u, const char **rest, struct err *e)
{
	const char *colon = strstr(text, "://");
	if (!colon || colon == text)
		return err_usage(e, "'%s' is not a URL; it starts with http://, https:// or redis://",
				 text);
	if (copy(u->scheme, sizeof u->scheme, text, (size_t)(colon - text)))
		return err_usage(e, "'%s' has an unknown scheme", text);
	for (char *c = u->scheme; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	const char *near = NULL;
	const struct scheme *s = find_scheme(u->scheme, &near);
	if (!s && near)
		return err_usage(e, "'%s' has an unknown scheme '%s'; did you mean '%s'?", text,
				 u->scheme, near);
	if (!s)
		return err_usage(e, "'%s' has an unknown scheme '%s'; known are http, https and redis",
				 text, u->scheme);
	u->port = s->port;
	*rest = colon + 3;
	return 0;
}

/* authority = [user[:password]@]host[:port] */
static int parse_authority(const char *text, const char *a, size_t len, struct url *u,
			   struct err *e)
{
	const char *end = a + len, *at = memrchr(a, '@', len);
	if (at) {
		const char *colon = memchr(a, ':', (size_t)(at - a));
		size_t user_len = (size_t)((colon ? colon : at) - a);
		if (copy(u->user, sizeof u->user, a, user_len) ||
		    (colon && copy(u->password, sizeof u->password, colon + 1,
				   (size_t)(at - colon - 1))))
			return err_usage(e, "a URL's user or password is too long");
		a = at + 1;
	}
	const char *host_end, *port = NULL;
	if (a < end && *a == '[') {
		host_end = memchr(a, ']', (size_t)(end - a));
		if (!host_end)
			return err_usage(e, "'%s' lacks a ']'", text);
		if (host_end + 1 < end && host_end[1] == ':')
			port = host_end + 2;
		a++;
	} else {
		const char *colon = memrchr(a, ':', (size_t)(end - a));
		host_end = colon ? colon : end;
		port = colon ? colon + 1 : NULL;
	}
	if (host_end == a || copy(u->host, sizeof u->host, a, (size_t)(host_end - a)))
		return err_usage(e, "'%s' has no host", text);
	if (port) {
		char digits[8];
		int64_t n;
		if (copy(digits, sizeof digits, port, (size_t)(end - port)) ||
		    num_i64(digits, 1, 65535, &n))
			return err_usage(e, "'%s' has a bad port; it is a number from 1 to 65535", text);
		u->port = (int)n;
	}
	return 0;
}

int url_parse(const char *text, struct url *u, struct err *e)
{
	const char *rest = NULL;
	*u = (struct url){0};
	if (parse_scheme(text, u, &rest, e))
		return -1;
	size_t len = strcspn(rest, "/?#");
	if (parse_authority(text, rest, len, u, e))
		return -1;
	if (strlen(rest + len) >= sizeof u->path)
		return err_usage(e, "a URL's path is longer than %zu bytes", sizeof u->path - 1);
	strcpy(u->path, rest + len);
	return 0;
}

bool url_is_redis(const struct url *u)
{
	return strcmp(u->scheme, "redis") == 0;
}

bool url_is_loopback(const struct url *u)
{
	return strcmp(u->host, "localhost") == 0 || strncmp(u->host, "127.", 4) == 0 ||
	       strcmp(u->host, "::1") == 0;
}

static const char *plain_host(const struct url *u)
{
	return strcmp(u->host, "localhost") == 0 || strcmp(u->host, "::1") == 0 ? "127.0.0.1"
										  : u->host;
}

bool url_same_node(const char *a, const char *b)
{
	struct url ua, ub;
	struct err e;
	if (strcmp(a, b) == 0)
		return true;
	if (url_parse(a, &ua, &e) || url_parse(b, &ub, &e))
		return false;
	return ua.port == ub.port && strcmp(ua.scheme, ub.scheme) == 0 &&
	       strcasecmp(plain_host(&ua), plain_host(&ub)) == 0;
}

void url_escape_field(const char *text, char *out)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c <= ' ' || c == '"' || c == ',' || c >= 127)
			out += sprintf(out, "%%%02X", c);
		else
			*out++ = (char)c;
	}
	*out = '\0';
}
