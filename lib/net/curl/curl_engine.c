#include "net/curl/curl_engine.h"

#include "base/buf.h"
#include "base/units.h"
#include "base/url.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX_BYTES = 32 << 20 };

struct engine_call {
	CURL *easy;
	CURLM *multi;
	struct curl_slist *headers;
	char *at, *base; /* as given; what stands before the path of a URL; owned */
	struct buf body;
	bool under_way;
	int status;
	CURLcode code; /* why it was silent */
	long os_errno;
	char message[CURL_ERROR_SIZE];
};

static const char *socket_of(const char *at)
{
	return strncmp(at, "unix://", 7) == 0 ? at + 7 : NULL;
}

/* tcp:// is http:// by another name. */
static char *http_of(const char *at)
{
	return mem_printf("http%s", at + strcspn(at, ":"));
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
	return url_is_loopback(&u) ? 0
				   : err_usage(e,
					       "the container engine at '%s' is not on this "
					       "machine; only unix:// and loopback addresses "
					       "are used",
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

static void set_safety(CURL *h)
{
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

struct engine_call *engine_call_new(const char *at)
{
	struct engine_call *c = mem_alloc(sizeof *c);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	*c = (struct engine_call){.easy = curl_easy_init(), .multi = curl_multi_init()};
	if (!c->easy || !c->multi)
		abort(); /* only for want of memory */
	buf_init(&c->body);
	c->at = mem_strdup(at);
	if (socket_of(at)) {
		curl_easy_setopt(c->easy, CURLOPT_UNIX_SOCKET_PATH, socket_of(at));
		c->base = mem_strdup("http://engine");
	} else {
		c->base = http_of(at);
		c->base[strlen(c->base) - (c->base[strlen(c->base) - 1] == '/')] = '\0';
	}
	c->headers = curl_slist_append(NULL, "Expect:");
	set_safety(c->easy);
	curl_easy_setopt(c->easy, CURLOPT_USERAGENT, "chaos/" CHAOS_VERSION);
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
	curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->message);
	curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
	return c;
}

static void give_up(struct engine_call *c)
{
	if (c->under_way)
		curl_multi_remove_handle(c->multi, c->easy);
	c->under_way = false;
}

void engine_call_free(struct engine_call *c)
{
	if (!c)
		return;
	give_up(c);
	curl_easy_cleanup(c->easy);
	curl_multi_cleanup(c->multi);
	curl_slist_free_all(c->headers);
	curl_global_cleanup();
	buf_release(&c->body);
	free(c->at);
	free(c->base);
	free(c);
}

void engine_call_start(struct engine_call *c, const char *method, const char *path,
		       int64_t timeout_ns)
{
	char *url = mem_printf("%s%s", c->base, path);
	bool post = strcmp(method, "POST") == 0;
	give_up(c);
	buf_reset(&c->body);
	c->status = 0;
	c->message[0] = '\0';
	curl_easy_setopt(c->easy, CURLOPT_URL, url);
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)(timeout_ns / NS_PER_MS));
	if (post) {
		curl_easy_setopt(c->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, "");
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE, 0L);
	} else {
		curl_easy_setopt(c->easy, CURLOPT_HTTPGET, 1L);
	}
	c->under_way = curl_multi_add_handle(c->multi, c->easy) == CURLM_OK;
	c->code = CURLE_OUT_OF_MEMORY;
	free(url);
}

static enum engine_answer judge(struct engine_call *c, CURLcode result)
{
	long status = 0;
	c->code = result;
	curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &c->os_errno);
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	give_up(c);
	c->status = (int)status;
	return result == CURLE_OK ? ENGINE_ANSWERED : ENGINE_SILENT;
}

enum engine_answer engine_call_step(struct engine_call *c)
{
	int running = 0, left;
	if (!c->under_way)
		return ENGINE_SILENT;
	curl_multi_perform(c->multi, &running);
	const CURLMsg *m = curl_multi_info_read(c->multi, &left);
	if (m && m->msg == CURLMSG_DONE)
		return judge(c, m->data.result);
	return ENGINE_PENDING;
}

int engine_call_status(const struct engine_call *c)
{
	return c->status;
}

const char *engine_call_body(const struct engine_call *c)
{
	return c->body.data;
}

int engine_call_error(const struct engine_call *c, struct err *e)
{
	if (c->code == CURLE_OPERATION_TIMEDOUT)
		return err_runtime(e, "the container engine at '%s' does not answer in time",
				   c->at);
	if (c->code == CURLE_COULDNT_CONNECT && c->os_errno == EACCES)
		return err_runtime(e,
				   "the container engine at '%s' cannot be reached: Permission "
				   "denied; its group (often 'docker') or root may use it",
				   c->at);
	if (c->code == CURLE_COULDNT_CONNECT)
		return err_runtime(e,
				   "the container engine at '%s' cannot be reached%s%s; is it "
				   "running? DOCKER_HOST names another",
				   c->at, c->os_errno ? ": " : "",
				   c->os_errno ? strerror((int)c->os_errno) : "");
	return err_runtime(e, "the container engine at '%s' gives no proper answer: %s", c->at,
			   c->message[0] ? c->message : curl_easy_strerror(c->code));
}
