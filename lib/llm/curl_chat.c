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
	int64_t start_ns, last_ns; /* of the call; of the last bytes */
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
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, k->message);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, k);
}

/* The next deadline, and what is late when it passes. */
static int64_t deadline(const struct call *k, const char **what)
{
	int64_t total = k->start_ns + k->q->total_ns;
	int64_t quiet = k->bytes ? k->last_ns + k->q->stall_ns : k->start_ns + k->q->first_byte_ns;
	*what = quiet >= total ? "the whole answer" : k->bytes ? "more of the answer" : "an answer";
	return quiet < total ? quiet : total;
}

static void transfer(struct call *k, CURLM *multi)
{
	int running = 1;
	while (running && k->c->end == CHAT_OPEN) {
		const char *what;
		int64_t left_ms;
		if (curl_multi_perform(multi, &running) != CURLM_OK || !running)
			return;
		left_ms = (deadline(k, &what) - mono_ns()) / NS_PER_MS;
		if (left_ms <= 0)
			chat_fail(k->c, CHAT_TIMEOUT, "%s did not come in time", what);
		else
			curl_multi_poll(multi, NULL, 0, left_ms > 1000 ? 1000 : (int)left_ms, NULL);
	}
}

static void conclude(struct call *k, CURLM *multi)
{
	int left;
	const CURLMsg *m = curl_multi_info_read(multi, &left);
	CURLcode code = m && m->msg == CURLMSG_DONE ? m->data.result : CURLE_OK;
	if (code == CURLE_OPERATION_TIMEDOUT)
		chat_fail(k->c, CHAT_TIMEOUT, "no connection in time");
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
	struct call k = {.q = q, .c = c, .easy = curl_easy_init(), .start_ns = mono_ns()};
	CURLM *multi = curl_multi_init();
	if (!k.easy || !multi)
		abort(); /* out of memory */
	set_request(&k);
	set_safety(&k, &u);
	set_headers(&k);
	curl_multi_add_handle(multi, k.easy);
	transfer(&k, multi);
	conclude(&k, multi);
	int64_t wait_ns = retry_after(&k);
	curl_multi_remove_handle(multi, k.easy);
	release(&k);
	curl_multi_cleanup(multi);
	return wait_ns;
}
