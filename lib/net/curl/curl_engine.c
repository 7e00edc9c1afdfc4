#include "net/curl/curl_engine.h"

#include "base/buf.h"
#include "net/curl/curl_call.h"
#include "url/url.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX_BYTES = 32 << 20 };

struct engine_call {
	struct curl_call call;
	struct curl_slist *headers;
	char *at, *base; /* the address as given; the URL prefix of API paths; owned */
	struct buf body;
};

static const char *socket_of(const char *at)
{
	return strncmp(at, "unix://", 7) == 0 ? at + 7 : NULL;
}

/* tcp:// addresses of engines speak HTTP, on port 2375 if they name none. */
static char *http_of(const char *at)
{
	const char *host = at + strcspn(at, ":") + strlen("://");
	const char *end = host + strcspn(host, "/");
	const char *port = memrchr(host, ':', (size_t)(end - host));
	bool given = strncmp(at, "tcp", 3) != 0 || (port && !strchr(port, ']'));
	return mem_printf("http://%.*s%s%s", (int)(end - host), host, given ? "" : ":2375", end);
}

int engine_check(const char *at, struct err *e)
{
	struct url u;
	struct err why;
	const char *path = socket_of(at);
	if (path)
		return *path == '/' ? 0
				    : err_usage(e,
						"'%s' is no address of a container engine: "
						"after unix:// comes an absolute path",
						at);
	if (strncmp(at, "tcp://", 6) != 0 && strncmp(at, "http://", 7) != 0)
		return err_usage(e,
				 "the container engine at '%s' cannot be used from here: only "
				 "unix:///PATH and tcp://127.0.0.1:PORT can",
				 at);
	char *http = http_of(at);
	int rc = url_parse(http, &u, &why);
	free(http);
	if (rc)
		return err_usage(e, "'%s' is no address of a container engine: %s", at, why.msg);
	bool here = url_is_loopback(&u);
	url_release(&u);
	return here ? 0
		    : err_usage(e,
				"the container engine at '%s' is not on this machine; only unix:// "
				"and loopback addresses are used",
				at);
}

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
	struct engine_call *c = arg;
	size_t len = size * count;
	if (c->body.len + len > BODY_MAX_BYTES)
		return CURL_WRITEFUNC_ERROR;
	buf_add(&c->body, data, len);
	return len;
}

struct engine_call *engine_call_new(struct loop *l, const char *at)
{
	struct engine_call *c = mem_alloc(sizeof *c);
	curl_call_init(&c->call, l, take_body, c);
	buf_init(&c->body);
	c->at = mem_strdup(at);
	if (socket_of(at)) {
		curl_easy_setopt(c->call.easy, CURLOPT_UNIX_SOCKET_PATH, socket_of(at));
		c->base = mem_strdup("http://engine");
	} else {
		c->base = http_of(at);
		c->base[strlen(c->base) - (c->base[strlen(c->base) - 1] == '/')] = '\0';
	}
	c->headers = curl_slist_append(NULL, "Expect:");
	curl_easy_setopt(c->call.easy, CURLOPT_HTTPHEADER, c->headers);
	curl_easy_setopt(c->call.easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	return c;
}

void engine_call_free(struct engine_call *c)
{
	if (!c)
		return;
	curl_call_release(&c->call);
	curl_slist_free_all(c->headers);
	buf_release(&c->body);
	free(c->at);
	free(c->base);
	free(c);
}

void engine_call_start(struct engine_call *c, const char *method, const char *path,
		       int64_t timeout_ns)
{
	char *url = mem_printf("%s%s", c->base, path);
	curl_call_stop(&c->call);
	buf_reset(&c->body);
	curl_easy_setopt(c->call.easy, CURLOPT_URL, url);
	if (strcmp(method, "POST") == 0)
		curl_easy_setopt(c->call.easy, CURLOPT_POSTFIELDS, "");
	else
		curl_easy_setopt(c->call.easy, CURLOPT_HTTPGET, 1L);
	curl_call_start(&c->call, timeout_ns);
	free(url);
}

enum engine_answer engine_call_step(const struct engine_call *c)
{
	if (c->call.under_way)
		return ENGINE_PENDING;
	return c->call.code == CURLE_OK ? ENGINE_ANSWERED : ENGINE_SILENT;
}

int engine_call_status(const struct engine_call *c)
{
	return curl_call_status(&c->call);
}

const char *engine_call_body(const struct engine_call *c)
{
	return c->body.data;
}

const char *engine_call_bytes(const struct engine_call *c, size_t *len)
{
	*len = c->body.len;
	return c->body.data;
}

int engine_call_error(const struct engine_call *c, struct err *e)
{
	if (c->call.code == CURLE_OPERATION_TIMEDOUT)
		return err_runtime(e, "the container engine at '%s' does not answer in time",
				   c->at);
	if (c->call.code == CURLE_COULDNT_CONNECT && c->call.os_errno == EACCES)
		return err_runtime(e,
				   "the container engine at '%s' cannot be reached: Permission "
				   "denied; its group (often 'docker') or root may use it",
				   c->at);
	if (c->call.code == CURLE_COULDNT_CONNECT)
		return err_runtime(e,
				   "the container engine at '%s' cannot be reached%s%s; is it "
				   "running? DOCKER_HOST names another",
				   c->at, c->call.os_errno ? ": " : "",
				   c->call.os_errno ? strerror(c->call.os_errno) : "");
	return err_runtime(e, "the container engine at '%s' %s: %s", c->at,
			   curl_call_local(&c->call) ? "cannot be asked" : "gives no proper answer", curl_call_why(&c->call));
}
