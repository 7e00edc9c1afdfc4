#include "net/http_request.h"

#include "net/pattern.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char default_body[] = "{\"task\":\"load\"}";

static bool has_path(const struct url *u)
{
	return u->path[0] == '/' || u->path[0] == '?';
}

static const char *choose_method(const struct http_template *template, const char *path)
{
	if (template->method)
		return template->method;
	return template->body || !*path ? "POST" : "GET";
}

/* Bytes that no URL may have are %-encoded here, so that each engine sends the same. */
static void add_path(struct buf *out, const char *path, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)path[i] < 0x80)
			buf_addch(out, path[i]);
		else
			buf_addf(out, "%%%02X", (unsigned char)path[i]);
}

void http_request_init(struct http_request *q, const struct url *u,
		       const struct http_template *template)
{
	const char *asked = template->path ? template->path : has_path(u) ? u->path : "";
	*q = (struct http_request){.method = choose_method(template, asked),
				   .body = template->body,
				   .body_len = template->body_len,
				   .template = template};
	struct buf path = BUF_INIT;
	bool post = strcmp(q->method, "POST") == 0;
	if (!*asked)
		buf_addstr(&path, post ? "/work" : "/");
	else if (*asked == '?')
		buf_addch(&path, '/');
	add_path(&path, asked, strcspn(asked, "#"));
	if (post && !template->body) { /* a POST always has a body */
		q->body = *asked ? "" : default_body;
		q->body_len = strlen(q->body);
	}
	char host[URL_HOST_TEXT];
	q->url = mem_printf("%s://%s:%d%s", u->scheme, url_host_text(u, true, host), u->port,
			    path.data);
	char *escaped = mem_alloc(3 * path.len + 1);
	url_escape_field(path.data, escaped);
	q->op = mem_printf("%s %s", q->method, escaped);
	free(escaped);
	q->target = buf_detach(&path);
	q->varies = pattern_any(q->target, strlen(q->target)) ||
		    (q->body && pattern_any(q->body, q->body_len));
}

static char *written(const char *text, uint64_t slot, uint64_t seed)
{
	struct buf b = BUF_INIT;
	pattern_write(text, strlen(text), slot, seed, &b);
	return buf_detach(&b);
}

void http_request_write(const struct http_request *q, uint64_t slot, uint64_t seed,
			struct http_request *out)
{
	*out = *q;
	out->op = NULL;
	out->url = written(q->url, slot, seed);
	out->target = written(q->target, slot, seed);
	if (!q->body)
		return;
	buf_init(&out->own_body);
	pattern_write(q->body, q->body_len, slot, seed, &out->own_body);
	out->body = out->own_body.data;
	out->body_len = out->own_body.len;
}

void http_request_release(struct http_request *q)
{
	free(q->url);
	free(q->op);
	free(q->target);
	buf_release(&q->own_body);
	*q = (struct http_request){0};
}

const char *http_header_given(const struct http_template *t, const char *name)
{
	size_t len = strcspn(name, ":");
	for (size_t i = 0; i < t->header_count; i++)
		if (strncasecmp(t->headers[i], name, len) == 0 && t->headers[i][len] == ':')
			return t->headers[i];
	return NULL;
}

const char *http_content_type(const struct http_request *q)
{
	if (!q->body || http_header_given(q->template, "Content-Type"))
		return NULL;
	return *q->body == '{' || *q->body == '[' ? "Content-Type: application/json"
						  : "Content-Type: text/plain";
}

bool http_headers_frame(const struct http_template *t)
{
	static const char *const names[] = {"Content-Length", "Transfer-Encoding", "Connection",
					    "Expect",	      "Upgrade",	   "TE"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (http_header_given(t, names[i]))
			return true;
	return false;
}

void http_base64(const char *text, struct buf *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = (const unsigned char *)text;
	for (size_t left = strlen(text); left; left -= left < 3 ? left : 3, s += 3) {
		unsigned v = (unsigned)s[0] << 16 | (left > 1 ? (unsigned)s[1] << 8 : 0) |
			     (left > 2 ? s[2] : 0);
		buf_addch(out, digits[v >> 18]);
		buf_addch(out, digits[v >> 12 & 63]);
		buf_addch(out, left > 1 ? digits[v >> 6 & 63] : '=');
		buf_addch(out, left > 2 ? digits[v & 63] : '=');
	}
}

static void add_host(struct buf *out, const struct url *u)
{
	char host[URL_HOST_TEXT];
	buf_addf(out, "Host: %s", url_host_text(u, false, host));
	if (u->port != 80)
		buf_addf(out, ":%d", u->port);
	buf_addstr(out, "\r\n");
}

static void add_user(struct buf *out, const struct url *u)
{
	char *plain = mem_printf("%s:%s", u->user, u->password);
	buf_addstr(out, "Authorization: Basic ");
	http_base64(plain, out);
	buf_addstr(out, "\r\n");
	free(plain);
}

static void add_given(struct buf *out, const struct http_template *t)
{
	for (size_t i = 0; i < t->header_count; i++) {
		const char *value = strchr(t->headers[i], ':') + 1;
		if (value[strspn(value, " \t")])
			buf_addf(out, "%s\r\n", t->headers[i]);
	}
}

void http_request_text(const struct http_request *q, const struct http_config *c,
		       const struct url *u, struct buf *out)
{
	const char *type = http_content_type(q);
	const struct http_template *t = q->template;
	buf_addf(out, "%s %s HTTP/1.1\r\n", q->method, q->target);
	if (!http_header_given(t, "Host"))
		add_host(out, u);
	bool given = http_header_given(t, "Authorization");
	if (c->authorization && !given)
		buf_addf(out, "%s\r\n", c->authorization);
	else if (*u->user && !given)
		add_user(out, u);
	if (!http_header_given(t, "User-Agent"))
		buf_addstr(out, "User-Agent: chaos-load/" CHAOS_VERSION "\r\n");
	if (!http_header_given(t, "Accept"))
		buf_addstr(out, "Accept: */*\r\n");
	if (c->fresh)
		buf_addstr(out, "Connection: close\r\n");
	add_given(out, t);
	if (type)
		buf_addf(out, "%s\r\n", type);
	if (q->body)
		buf_addf(out, "Content-Length: %zu\r\n", q->body_len);
	buf_addstr(out, "\r\n");
	if (q->body)
		buf_add(out, q->body, q->body_len);
}
