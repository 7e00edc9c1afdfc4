#include "net/curl/curl_call.h"

#include "base/buf.h"
#include "base/units.h"
#include "net/curl/curl_error.h"
#include "net/curl/curl_prepare.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

static_assert(CURL_CALL_MESSAGE >= CURL_ERROR_SIZE, "libcurl writes up to CURL_ERROR_SIZE");

static void ended(struct curl_transfer *t, int code)
{
	struct curl_call *c = (struct curl_call *)(void *)t;
	long os_errno = 0;
	curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_errno);
	if (code == CURLE_COULDNT_CONNECT && curl_loop_open_errno(c->curl))
		os_errno = curl_loop_open_errno(c->curl);
	c->os_errno = (int)os_errno;
	c->code = code;
	c->under_way = false;
	if (c->ended)
		c->ended(c);
}

void curl_call_init(struct curl_call *c, struct loop *l,
		    size_t (*take)(char *data, size_t size, size_t count, void *arg), void *arg)
{
	bool loaded = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	CURL *h = loaded ? curl_easy_init() : NULL; /* without it the start fails */
	if (loaded && !h)
		abort(); /* only for want of memory */
	*c = (struct curl_call){
		.transfer = {.done = ended, .fd = -1}, .loop = l, .easy = h, .code = CURLE_FAILED_INIT};
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->message);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, arg);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	/* Giving up does not wait for a thread that still looks up the name. */
	curl_easy_setopt(h, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(h, CURLOPT_USERAGENT, "chaos/" CHAOS_VERSION);
}

void curl_call_to(struct curl_call *c, const struct url *at, const char *path)
{
	char host[URL_HOST_TEXT];
	char *text = url_is_unix(at) ? mem_strdup("http://localhost/")
				     : mem_printf("%s://%s:%d%s", path ? at->scheme : "http",
						  url_host_text(at, true, host), at->port, path ? path : "/");
	if (url_is_unix(at))
		curl_call_unix(c, at->host);
	c->transfer.takes_socket = !path;
	if (at->via) {
		char *to = mem_printf("::%s", at->via); /* from any host and port */
		c->connect_to = curl_slist_append(NULL, to);
		curl_easy_setopt(c->easy, CURLOPT_CONNECT_TO, (struct curl_slist *)c->connect_to);
		free(to);
	}
	curl_easy_setopt(c->easy, CURLOPT_URL, text);
	curl_easy_setopt(c->easy, CURLOPT_CONNECT_ONLY, path ? 0L : 1L);
	curl_easy_setopt(c->easy, CURLOPT_FORBID_REUSE, path ? 1L : 0L); /* else it is closed */
	curl_easy_setopt(c->easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(c->easy, CURLOPT_SSL_VERIFYHOST, 0L);
	free(text);
}

void curl_call_tls(struct curl_call *c, const struct url *at, const struct net_addrs *addrs, const char *cacert,
		   bool insecure)
{
	char host[URL_HOST_TEXT];
	char *text = mem_printf("https://%s:%d/", url_host_text(at, true, host), at->port);
	c->transfer.keeps = true;
	curl_easy_setopt(c->easy, CURLOPT_URL, text);
	curl_easy_setopt(c->easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	curl_easy_setopt(c->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_set_trust(c->easy, cacert, insecure);
	c->addresses = addrs && !at->via ? curl_addresses(at, addrs) : NULL;
	curl_easy_setopt(c->easy, CURLOPT_RESOLVE, (struct curl_slist *)c->addresses);
	free(text);
}

void curl_call_unix(struct curl_call *c, const char *path)
{
	curl_easy_setopt(c->easy, CURLOPT_UNIX_SOCKET_PATH, path);
}

void curl_call_stop(struct curl_call *c)
{
	if (c->transfer.fd >= 0 && c->transfer.keeps && c->curl && !c->under_way)
		curl_loop_remove(c->curl, c->easy);
	c->transfer.fd = -1;
	if (c->under_way)
		curl_loop_remove(c->curl, c->easy);
	c->under_way = false;
}

void curl_call_release(struct curl_call *c)
{
	curl_call_stop(c);
	curl_easy_cleanup(c->easy);
	curl_slist_free_all((struct curl_slist *)c->connect_to);
	curl_slist_free_all((struct curl_slist *)c->addresses);
	curl_loop_free(c->curl);
	curl_global_cleanup();
}

int curl_call_start(struct curl_call *c, int64_t timeout_ns)
{
	struct err e;
	curl_call_stop(c);
	c->message[0] = '\0';
	c->os_errno = 0;
	c->code = CURLE_FAILED_INIT;
	if (!c->curl && !(c->curl = curl_loop_shared(c->loop, &e))) {
		memcpy(c->message, e.msg, sizeof c->message);
		c->message[sizeof c->message - 1] = '\0';
		return -1;
	}
	int64_t ms = timeout_ns / NS_PER_MS;
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, ms || !timeout_ns ? (long)ms : 1L);
	curl_loop_bind(c->curl, c->easy, &c->transfer);
	c->under_way = true;
	if (curl_loop_add(c->curl, c->easy) == 0)
		return 0;
	c->under_way = false;
	return -1;
}

int curl_call_status(const struct curl_call *c)
{
	long status = 0;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

enum error_class curl_call_class(const struct curl_call *c)
{
	return curl_error_class(c->code, c->os_errno);
}

bool curl_call_accepted(const struct curl_call *c)
{
	curl_off_t after_us = 0;
	return curl_easy_getinfo(c->easy, CURLINFO_CONNECT_TIME_T, &after_us) == CURLE_OK && after_us > 0;
}

bool curl_call_local(const struct curl_call *c)
{
	return curl_call_class(c) == ERROR_LOCAL;
}

/* What libcurl says of bytes that were to go or come. */
static ssize_t said(struct curl_call *c, CURLcode code, size_t n, enum error_class *error, const char **why)
{
	bool good = code == CURLE_OK || code == CURLE_AGAIN;
	c->code = (int)code;
	*error = good ? ERROR_NONE : curl_error_class((int)code, 0);
	*why = good ? "" : curl_call_why(c);
	return code == CURLE_OK ? (ssize_t)n : -1;
}

ssize_t curl_call_write(struct curl_call *c, const char *data, size_t len, enum error_class *error, const char **why)
{
	size_t n = 0;
	c->message[0] = '\0';
	CURLcode code = curl_easy_send(c->easy, data, len, &n);
	return said(c, code, n, error, why);
}

ssize_t curl_call_read(struct curl_call *c, char *data, size_t size, enum error_class *error, const char **why)
{
	size_t n = 0;
	c->message[0] = '\0';
	CURLcode code = curl_easy_recv(c->easy, data, size, &n);
	return said(c, code, n, error, why);
}

const char *curl_call_why(const struct curl_call *c)
{
	if (c->code == CURLE_COULDNT_CONNECT && c->os_errno)
		return strerror(c->os_errno);
	return c->message[0] ? c->message : curl_easy_strerror((CURLcode)c->code);
}
