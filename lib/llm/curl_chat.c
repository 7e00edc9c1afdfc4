#include "llm/curl_chat.h"

#include "base/clock.h"
#include "base/units.h"
#include "net/curl/curl_call.h"
#include "url/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct call {
	struct curl_call http; /* first: its ended gets it */
	const struct chat_request *q;
	struct chat *c;
	struct loop *loop;
	struct loop_timer *stall; /* set once bytes have come */
	struct curl_slist *headers;
	int64_t bytes;
	bool head_seen;
};

static void take_head(struct call *k)
{
	char *type = NULL;
	curl_easy_getinfo(k->http.easy, CURLINFO_CONTENT_TYPE, &type);
	chat_head(k->c, curl_call_status(&k->http), type);
	k->head_seen = true;
}

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
	struct call *k = arg;
	size_t len = size * count;
	loop_timer_at(k->stall, mono_ns() + k->q->stall_ns);
	k->bytes += (int64_t)len;
	if (!k->head_seen)
		take_head(k);
	if (k->bytes > k->q->max_bytes)
		chat_fail(k->c, CHAT_TOO_BIG, "the answer is longer than %lld kB",
			  (long long)(k->q->max_bytes >> 10));
	return chat_feed(k->c, data, len) ? CURL_WRITEFUNC_ERROR : len;
}

/* Needs no bound on headers: libcurl limits each, and the total time limits all. */
static void set_safety(struct call *k, const struct url *u)
{
	CURL *h = k->http.easy;
	bool loopback = url_is_loopback(u), verify = !(loopback && k->q->insecure_loopback);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (!loopback && strcmp(u->scheme, "https") == 0) /* else a proxy could read the request */
		curl_easy_setopt(h, CURLOPT_NOPROXY, NULL);
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
	curl_easy_setopt(k->http.easy, CURLOPT_HTTPHEADER, k->headers);
}

static void set_request(struct call *k)
{
	CURL *h = k->http.easy;
	curl_easy_setopt(h, CURLOPT_URL, k->q->url);
	curl_easy_setopt(h, CURLOPT_USERAGENT, "chaos-llm/" CHAOS_VERSION);
	curl_easy_setopt(h, CURLOPT_POST, 1L);
	curl_easy_setopt(h, CURLOPT_POSTFIELDS, k->q->body);
	curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)k->q->body_len);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)(k->q->connect_ns / NS_PER_MS));
}

static void stalled(void *arg)
{
	struct call *k = arg;
	chat_fail(k->c, CHAT_TIMEOUT, "the rest of the answer did not come in time");
	loop_stop(k->loop);
}

static void ended(struct curl_call *http)
{
	struct call *k = (struct call *)(void *)http;
	CURLcode code = (CURLcode)http->code;
	curl_off_t connect_us = 0;
	curl_easy_getinfo(http->easy, CURLINFO_CONNECT_TIME_T, &connect_us);
	if (code == CURLE_OPERATION_TIMEDOUT)
		chat_fail(k->c, CHAT_TIMEOUT, "%s in time",
			  k->bytes     ? "the whole answer did not come"
			  : connect_us ? "an answer did not come"
				       : "no connection");
	else if (code != CURLE_OK)
		chat_fail(k->c, k->bytes ? CHAT_CUT : CHAT_NETWORK, "%.200s", curl_call_why(http));
	loop_stop(k->loop);
}

static void transfer(struct call *k)
{
	curl_call_start(&k->http, k->q->total_ns);
	if (k->http.under_way)
		loop_run(k->loop);
	else
		ended(&k->http);
	if (k->c->end == CHAT_OPEN && !k->head_seen)
		take_head(k); /* an answer without a body */
	chat_finish(k->c);
}

static int64_t retry_after(const struct call *k)
{
	curl_off_t s = 0;
	if (curl_easy_getinfo(k->http.easy, CURLINFO_RETRY_AFTER, &s) || s <= 0)
		return -1;
	return s > 86400 ? INT64_C(86400) * NS_PER_S : (int64_t)s * NS_PER_S;
}

static void release(struct call *k)
{
	for (struct curl_slist *h = k->headers; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(k->headers);
	loop_timer_free(k->stall);
}

static int64_t call_on(struct loop *l, const struct chat_request *q, struct chat *c,
		       const struct url *u, struct err *e)
{
	struct call k = {.q = q, .c = c, .loop = l};
	k.stall = loop_timer_new(l, stalled, &k, e);
	if (!k.stall)
		return -1;
	curl_call_init(&k.http, l, take_body, &k);
	k.http.ended = ended;
	set_request(&k);
	set_safety(&k, u);
	set_headers(&k);
	transfer(&k);
	int64_t wait_ns = retry_after(&k);
	curl_call_release(&k.http);
	release(&k);
	return wait_ns;
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
		url_release(&u);
		return -1;
	}
	struct loop *l = loop_new(&e);
	int64_t wait_ns = l ? call_on(l, q, c, &u, &e) : -1;
	if (c->end == CHAT_OPEN)
		chat_fail(c, CHAT_NETWORK, "%s", e.msg);
	loop_free(l);
	url_release(&u);
	return wait_ns;
}
