#include "llm/curl_chat.h"

#include "base/clock.h"
#include "base/units.h"
#include "base/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct call {
	const struct chat_request *q;
	struct chat *c;
	CURL *easy;
	struct curl_slist *headers;
	int64_t last_ns; /* when the last bytes came */
	int64_t bytes;
	bool head_seen;
	char message[CURL_ERROR_SIZE];
};

static void take_head(struct call *k)
{
	long status = 0;
	char *type = NULL;
	curl_easy_getinfo(k->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(k->easy, CURLINFO_CONTENT_TYPE, &type);
	chat_head(k->c, (int)status, type);
	k->head_seen = true;
}

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
	struct call *k = arg;
	size_t len = size * count;
	k->last_ns = mono_ns();
	k->bytes += (int64_t)len;
	if (!k->head_seen)
		take_head(k);
	if (k->bytes > k->q->max_bytes)
		chat_fail(k->c, CHAT_TOO_BIG, "the answer is longer than %lld kB",
			  (long long)(k->q->max_bytes >> 10));
	return chat_feed(k->c, data, len) ? CURL_WRITEFUNC_ERROR : len;
}

/* libcurl calls this at least once a second. */
static int check_stall(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
	struct call *k = arg;
	(void)total, (void)now, (void)up_total, (void)up;
	if (k->bytes && mono_ns() - k->last_ns > k->q->stall_ns)
		chat_fail(k->c, CHAT_TIMEOUT, "more of the answer did not come in time");
	return k->c->end != CHAT_OPEN;
}

/* Needs no bound on headers: libcurl limits each, and the total time limits all. */
static void set_safety(struct call *k, const struct url *u)
{
	CURL *h = k->easy;
	bool loopback = url_is_loopback(u), verify = !(loopback && k->q->insecure_loopback);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(h, CURLOPT_VERBOSE, 0L);
	curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
	if (loopback || strcmp(u->scheme, "https") != 0)
		curl_easy_setopt(h, CURLOPT_NOPROXY, "*"); /* a proxy could read the request */
}

static void set_headers(struct call *k)
{
	k->headers = curl_slist_append(NULL, "Content-Type: application/json");
	k->headers = curl_slist_append(k->headers, "Accept: text/event-stream, application/json");
	k->headers = curl_slist_append(k->headers, "Expect:");
	if (k->q->key) {
		char *line = mem_printf("Authorization: Bearer %s", k->q->key);
		k->headers = curl_slist_append(k->headers, line);
		explicit_bzero(line, strlen(line));
		free(line);
	}
	curl_easy_setopt(k->easy, CURLOPT_HTTPHEADER, k->headers);
}

static void set_request(struct call *k)
{
	CURL *h = k->easy;
	curl_easy_setopt(h, CURLOPT_URL, k->q->url);
	curl_easy_setopt(h, CURLOPT_USERAGENT, "chaos-llm/" CHAOS_VERSION);
	curl_easy_setopt(h, CURLOPT_POST, 1L);
	curl_easy_setopt(h, CURLOPT_POSTFIELDS, k->q->body);
	curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)k->q->body_len);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)(k->q->connect_ns / NS_PER_MS));
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)(k->q->total_ns / NS_PER_MS));
	curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, check_stall);
	curl_easy_setopt(h, CURLOPT_XFERINFODATA, k);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, k->message);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, k);
}

static void conclude(struct call *k, CURLcode code)
{
	curl_off_t connect_us = 0;
	curl_easy_getinfo(k->easy, CURLINFO_CONNECT_TIME_T, &connect_us);
	if (code == CURLE_OPERATION_TIMEDOUT)
		chat_fail(k->c, CHAT_TIMEOUT, "%s in time",
			  k->bytes     ? "the whole answer did not come"
			  : connect_us ? "an answer did not come"
				       : "no connection");
	else if (code != CURLE_OK)
		chat_fail(k->c, k->bytes ? CHAT_CUT : CHAT_NETWORK, "%.200s",
			  *k->message ? k->message : curl_easy_strerror(code));
	if (k->c->end == CHAT_OPEN && !k->head_seen)
		take_head(k); /* an answer without a body */
	chat_finish(k->c);
}

static int64_t retry_after(const struct call *k)
{
	curl_off_t s = 0;
	if (curl_easy_getinfo(k->easy, CURLINFO_RETRY_AFTER, &s) || s <= 0)
		return -1;
	return s > 86400 ? INT64_C(86400) * NS_PER_S : (int64_t)s * NS_PER_S;
}

static void release(struct call *k)
{
	for (struct curl_slist *h = k->headers; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(k->headers);
	curl_easy_cleanup(k->easy);
}

int64_t curl_chat(const struct chat_request *q, struct chat *c)
{
	struct url u;
	struct err e;
	if (url_parse(q->url, &u, &e)) {
		chat_fail(c, CHAT_NETWORK, "%s", e.msg);
		return -1;
	}
	if (q->key && strcmp(u.scheme, "https") != 0 && !url_is_loopback(&u)) {
		chat_fail(c, CHAT_DENIED, "a key is not sent without TLS to '%s'", u.host);
		return -1;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	struct call k = {.q = q, .c = c, .easy = curl_easy_init()};
	if (!k.easy)
		abort(); /* out of memory */
	set_request(&k);
	set_safety(&k, &u);
	set_headers(&k);
	conclude(&k, curl_easy_perform(k.easy));
	int64_t wait_ns = retry_after(&k);
	release(&k);
	return wait_ns;
}
