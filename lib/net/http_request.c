#include "net/http_request.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char default_body[] = "{\"task\":\"load\"}";

static bool has_path(const struct url *u)
{
	return u->path[0] == '/' || u->path[0] == '?';
}

static const char *choose_method(const struct transport_config *c, const struct url *u)
{
	if (c->method)
		return c->method;
	return c->body || !has_path(u) ? "POST" : "GET";
}

void http_request_init(struct http_request *q, const struct transport_config *c,
		       const struct url *u)
{
	*q = (struct http_request){.method = choose_method(c, u), .body = c->body,
				   .body_len = c->body_len};
	struct buf path = BUF_INIT;
	bool post = strcmp(q->method, "POST") == 0;
	if (!has_path(u))
		buf_addstr(&path, post ? "/work" : "/");
	else if (u->path[0] == '?')
		buf_addch(&path, '/');
	buf_add(&path, u->path, strcspn(u->path, "#"));
	if (post && !c->body) { /* no body asked for: POST has one, if only an empty one */
		q->body = has_path(u) ? "" : default_body;
		q->body_len = strlen(q->body);
	}
	bool v6 = strchr(u->host, ':');
	q->url = mem_printf(v6 ? "%s://[%s]:%d%s" : "%s://%s:%d%s", u->scheme, u->host, u->port,
			    path.data);
	char *escaped = mem_alloc(3 * path.len + 1);
	url_escape_field(path.data, escaped);
	q->op = mem_printf("%s %s", q->method, escaped);
	free(escaped);
	buf_release(&path);
}

void http_request_release(struct http_request *q)
{
	free(q->url);
	free(q->op);
	*q = (struct http_request){0};
}

const char *http_content_type(const struct http_request *q, const struct transport_config *c)
{
	if (!q->body)
		return NULL;
	for (size_t i = 0; i < c->header_count; i++)
		if (strncasecmp(c->headers[i], "content-type:", 13) == 0)
			return NULL;
	return *q->body == '{' || *q->body == '[' ? "Content-Type: application/json"
						   : "Content-Type: text/plain";
}
