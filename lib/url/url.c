#include "url/url.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/suggest.h"
#include "url/url_host.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOCKET_MAX_BYTES = 108, SECRET_MAX_BYTES = 64 << 10, PATH_MAX_BYTES = 8000 };

static const struct scheme {
	const char *name;
	int port;
} schemes[] = {
	{"http", 80},
	{"https", 443},
	{"redis", 6379},
	{"rediss", 6379},
	{"redis+sentinel", 26379},
	{"rediss+sentinel", 26379},
	{"redis+cluster", 6379},
	{"rediss+cluster", 6379},
	{"unix", 0},
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

static void lower(char *s)
{
	for (; *s; s++)
		*s = (char)tolower((unsigned char)*s);
}

static int copy(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return -1;
	memcpy(to, from, len);
	to[len] = '\0';
	return 0;
}

static int parse_scheme(const char *text, const char *shown, struct url *u, const char **rest,
			struct err *e)
{
	const char *colon = strstr(text, "://");
	if (!colon || colon == text)
		return err_usage(e,
				 "'%s' is not a URL; it starts with http://, https:// or redis://",
				 shown);
	if (copy(u->scheme, sizeof u->scheme, text, (size_t)(colon - text)))
		return err_usage(e, "'%s' has an unknown scheme", shown);
	lower(u->scheme);
	const char *near = NULL;
	const struct scheme *s = find_scheme(u->scheme, &near);
	if (!s)
		return err_usage(e, "'%s' has an unknown scheme '%s'%s%s%s", shown, u->scheme,
				 SUGGESTED(near, "; known are http, https, redis, rediss, unix, "
						 "redis+sentinel and redis+cluster"));
	u->port = s->port;
	*rest = colon + 3;
	return 0;
}

/* Decodes %XX in place; -1 at a '%' without two digits, and at %00. */
static int unescape(char *s)
{
	char *out = s;
	for (; *s; s++) {
		char hex[3] = {0};
		if (*s == '%') {
			strncpy(hex, s + 1, 2);
			if (strspn(hex, "0123456789abcdefABCDEF") != 2)
				return -1;
			*out = (char)strtoul(hex, NULL, 16);
			s += 2;
			if (!*out++)
				return -1;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
	return 0;
}

/* user[:password]; the text has room for both with their ends. */
static int parse_user(const char *a, const char *end, struct url *u, struct err *e)
{
	const char *colon = memchr(a, ':', (size_t)(end - a));
	size_t user_len = (size_t)((colon ? colon : end) - a);
	size_t password_len = colon ? (size_t)(end - colon - 1) : 0;
	char *user = u->text, *password = user + user_len + 1;
	copy(user, user_len + 1, a, user_len);
	copy(password, password_len + 1, end - password_len, password_len);
	u->user = user;
	u->password = password;
	if (unescape(user) || unescape(password))
		return err_usage(e,
				 "a URL's user or password has a '%%' that is not followed by two "
				 "hexadecimal digits");
	if (strlen(user) > SECRET_MAX_BYTES || strlen(password) > SECRET_MAX_BYTES)
		return err_usage(e, "a URL's user or password is longer than %d bytes",
				 SECRET_MAX_BYTES);
	return 0;
}

/* "host", "host:port", "[IPv6]", "[IPv6]:port": where each part lies. port is NULL if
 * there is none. -1 if it is none of these. */
static int split_host(const char **a, size_t len, const char **host_end, const char **port)
{
	const char *tail, *end = *a + len;
	if (len && **a == '[') {
		++*a;
		*host_end = memchr(*a, ']', len - 1);
		if (!*host_end || (*host_end > *a && !memchr(*a, ':', (size_t)(*host_end - *a))))
			return -1;
		tail = *host_end + 1;
	} else {
		const char *first = *a + strcspn(*a, ":/?#"), *last = memrchr(*a, ':', len);
		*host_end = tail = first < end ? first : end;
		if (last && last != tail)
			return -1; /* IPv6 without brackets */
	}
	*port = tail < end ? tail + 1 : NULL;
	return tail < end && *tail != ':' ? -1 : 0;
}

/* The hosts behind the first, of a scheme that has several: each must be one by itself. */
static int parse_more(const char *shown, const char *comma, const char *end, char *more,
		      struct url *u, struct err *e)
{
	struct url one;
	copy(more, (size_t)(end - comma) + 1, comma, (size_t)(end - comma));
	u->more = more;
	for (const char *at = more, *next; *at; at = next) {
		next = at + 1 + strcspn(at + 1, ",");
		char *text = mem_printf("%s://%.*s", u->scheme, (int)(next - at - 1), at + 1);
		int rc = url_parse(text, &one, e);
		free(text);
		if (rc)
			return err_prefix(e, "'%s'", shown);
		url_release(&one);
	}
	return 0;
}

/* authority = [user[:password]@]host[:port], and ",host[:port]" where there may be several */
static int parse_authority(const char *shown, const char *a, size_t len, struct url *u,
			   struct err *e)
{
	const char *end = a + len, *at = memrchr(a, '@', len), *host_end, *port;
	if (at && parse_user(a, at, u, e))
		return -1;
	a = at ? at + 1 : a;
	const char *comma = url_is_topology(u) ? memchr(a, ',', (size_t)(end - a)) : NULL;
	if (comma && parse_more(shown, comma, end, u->text + len + 2, u, e))
		return -1;
	end = comma ? comma : end;
	if (split_host(&a, (size_t)(end - a), &host_end, &port))
		return err_usage(
			e, "'%s' has a bad host; an IPv6 address stands in brackets: [::1]", shown);
	if (host_end == a)
		return err_usage(e, "'%s' has no host", shown);
	if (copy(u->host, sizeof u->host, a, (size_t)(host_end - a)))
		return err_usage(e, "a URL's host is longer than %zu bytes", sizeof u->host - 1);
	lower(u->host);
	if (strchr(u->host, ',') || url_host_normalise(u->host, sizeof u->host, u->zone, sizeof u->zone))
		return err_usage(e, "'%s' has a bad host", shown);
	if (port) {
		char digits[8];
		int64_t n;
		if (copy(digits, sizeof digits, port, (size_t)(end - port)) ||
		    num_i64(digits, 1, 65535, &n))
			return err_usage(e, "'%s' has a bad port; it is a number from 1 to 65535",
					 shown);
		u->port = (int)n;
	}
	return 0;
}

/* unix://[user:password@]/path/to.sock[?db=N], as other clients of Redis have it. What a query with a password says is
 * shown to nobody. */
static int parse_socket(const char *shown, const char *rest, size_t len, struct url *u, struct err *e)
{
	const char *at = memrchr(rest, '@', len);
	size_t path_len = strcspn(rest + len, "?#");
	const char *query = rest + len + path_len;
	char *path = u->text + 2 * len + 3;
	if (at && parse_user(rest, at, u, e))
		return -1;
	if (at ? at + 1 != rest + len : len > 0)
		return err_usage(e, "'%.*s…' has a host; a socket's URL has three slashes: unix:///path/to.sock", 7, shown);
	if (path_len < 2 || copy(u->host, SOCKET_MAX_BYTES, rest + len, path_len))
		return err_usage(e, path_len < 2 ? "a socket's URL has its path: unix:///path/to.sock?db=0"
						 : "the path of a Unix socket is longer than 107 bytes");
	if (*query == '?' && strncmp(query, "?db=", 4) != 0)
		return err_usage(e, "a socket's URL has a path and ?db=N: unix://USER:PASSWORD@/path/to.sock?db=0");
	u->path = path;
	if (*query == '?')
		sprintf(path, "/%.*s", (int)strcspn(query + 4, "#"), query + 4);
	return 0;
}

/* Path and query, at the end of the text; a query without a path belongs to "/", and a fragment is
 * not for the server. */
static int parse_path(const char *rest, char *path, struct url *u, struct err *e)
{
	size_t len = strcspn(rest, "#"), slash = *rest == '?';
	u->path = path;
	*path = '/';
	if (copy(path + slash, PATH_MAX_BYTES + 1 - slash, rest, len))
		return err_usage(e, "a URL's path is longer than %zu bytes",
				 PATH_MAX_BYTES - slash);
	return 0;
}

/* A blank or a newline in a URL would end the request line that carries it. */
static int check_bytes(const char *text, const char *shown, struct err *e)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 127)
			return err_usage(e, "'%s' has a blank or control character; write %%%02X",
					 shown, (unsigned)*c);
	return 0;
}

/* shown stands for text in messages. */
static int parse(const char *text, const char *shown, struct url *u, struct err *e)
{
	const char *rest = NULL;
	*u = (struct url){.user = "", .password = "", .path = "", .more = ""};
	if (check_bytes(text, shown, e) || parse_scheme(text, shown, u, &rest, e))
		return -1;
	size_t len = strcspn(rest, "/?#"), path_at = 2 * len + 3; /* behind user, password, more */
	u->text = mem_alloc(path_at + strlen(rest + len) + 2);
	if (url_is_unix(u) ? !parse_socket(shown, rest, len, u, e)
			   : !parse_authority(shown, rest, len, u, e) && !parse_path(rest + len, u->text + path_at, u, e))
		return 0;
	url_release(u);
	return -1;
}

void url_release(struct url *u)
{
	free(u->text);
	*u = (struct url){0};
}

char *url_cut_user(const char *text, const char *end)
{
	const char *colon = strstr(text, "://"), *from = colon ? colon + 3 : text;
	const char *at = from < end ? memrchr(from, '@', (size_t)(end - from)) : NULL;
	return at ? mem_printf("%.*s%s", (int)(from - text), text, at + 1) : mem_strdup(text);
}

int url_parse(const char *text, struct url *u, struct err *e)
{
	if (parse(text, text, u, e) == 0)
		return 0;
	/* A password may hold the very '/' that makes it no URL. */
	char *shown = url_cut_user(text, text + strlen(text));
	parse(text, shown, u, e);
	free(shown);
	return -1;
}

int url_nth_host(const struct url *u, size_t i, struct url *out)
{
	char host[URL_HOST_TEXT];
	struct err e;
	const char *at = u->more;
	for (; i > 1 && *at; i--)
		at += 1 + strcspn(at + 1, ",");
	if (i && !*at)
		return -1;
	char *text = i ? mem_printf("%s://%.*s", u->scheme, (int)strcspn(at + 1, ","), at + 1)
		       : mem_printf("%s://%s:%d", u->scheme, url_host_text(u, true, host), u->port);
	int rc = url_parse(text, out, &e);
	free(text);
	strcpy(out->scheme, url_is_tls(u) ? "rediss" : "redis");
	return rc;
}

bool url_is_redis(const struct url *u)
{
	return strncmp(u->scheme, "redis", 5) == 0 || url_is_unix(u);
}

bool url_is_tls(const struct url *u)
{
	return strcmp(u->scheme, "https") == 0 || strncmp(u->scheme, "rediss", 6) == 0;
}

bool url_is_unix(const struct url *u)
{
	return strcmp(u->scheme, "unix") == 0;
}

bool url_is_topology(const struct url *u)
{
	return strchr(u->scheme, '+');
}

bool url_is_loopback(const struct url *u)
{
	return url_host_is_loopback(u->host);
}

const char *url_host_text(const struct url *u, bool with_zone, char out[static URL_HOST_TEXT])
{
	bool zone = with_zone && *u->zone, six = strchr(u->host, ':');
	snprintf(out, URL_HOST_TEXT, "%s%s%s%s%s", six ? "[" : "", u->host, zone ? "%25" : "",
		 zone ? u->zone : "", six ? "]" : "");
	return out;
}

bool url_same(const struct url *a, const struct url *b)
{
	return a->port == b->port && strcmp(a->scheme, b->scheme) == 0 &&
	       strcmp(a->zone, b->zone) == 0 &&
	       strcmp(url_host_plain(a->host), url_host_plain(b->host)) == 0;
}

bool url_same_node(const char *a, const char *b)
{
	struct url ua, ub = {0};
	struct err e;
	if (strcmp(a, b) == 0)
		return true;
	bool same = !url_parse(a, &ua, &e) && !url_parse(b, &ub, &e) && url_same(&ua, &ub);
	url_release(&ua);
	url_release(&ub);
	return same;
}
