#include "net/curl/curl_prepare.h"

#include "base/buf.h"
#include "base/units.h"

#include <curl/curl.h>
#include <string.h>
#include <unistd.h>

enum {
	REDIRECTS_MAX = 10,
	NO_LIMIT_MS = 86400000,
	LATER_MS = 50, /* the caller's timeout runs from the due time, and comes first */
};

/* libcurl gives each address but the last one half of the time that is left. */
static long connect_timeout_ms(const struct transport_config *c)
{
	if (c->connect_timeout_ns)
		return (long)ns_to_ms(c->connect_timeout_ns);
	return c->timeout_ns ? (long)ns_to_ms(c->timeout_ns) + LATER_MS : NO_LIMIT_MS;
}

/* libcurl parses a CA file once for all connections of a multi handle, but only if no folder of CAs
 * is set beside it: else each connection costs 28 ms of CPU time. Distributions set both, with the
 * same CAs in both. */
void curl_set_trust(void *easy, const char *cacert, bool insecure)
{
	const char *file = NULL; /* the system's */
	curl_easy_getinfo(easy, CURLINFO_CAINFO, &file);
	if (cacert)
		curl_easy_setopt(easy, CURLOPT_CAINFO, cacert);
	if (cacert || (file && access(file, R_OK) == 0)) {
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
		curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
	}
	if (insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void set_route(CURL *easy, const struct transport_config *c, void *addresses)
{
	const char *proxy = c->http.proxy ? c->http.proxy : "";
	curl_easy_setopt(easy, CURLOPT_RESOLVE, (struct curl_slist *)addresses);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
	if (strcmp(proxy, "env") != 0) { /* else libcurl asks the environment */
		curl_easy_setopt(easy, CURLOPT_PROXY, proxy);
		curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	}
	if (c->unix_socket)
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, c->unix_socket);
	/* What an outage needed and nobody has since is closed again. */
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 30L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms(c));
}

/* Before 8.0 libcurl fails when it reuses an HTTP/2 connection without TLS: it sets up HTTP/2 a
 * second time (pull request 10643). */
static bool cannot_keep(const struct http_config *c, bool tls)
{
	return c->http2 && !tls && curl_version_info(CURLVERSION_NOW)->version_num < 0x080000;
}

static void set_version(CURL *easy, const struct http_config *c, const struct url *u)
{
	bool tls = strcmp(u->scheme, "https") == 0;
	bool fresh = c->fresh || cannot_keep(c, tls);
	long version =
		tls ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 c->http2 ? version : (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, fresh ? 1L : 0L);
	/* A request waits for a pending connection to see whether it can be multiplexed. */
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, c->http2 && !fresh ? 1L : 0L);
}

void curl_prepare(void *easy, const struct transport_config *c, size_t node, void *addresses)
{
	const struct url *u = &c->nodes[node].url;
	const struct http_config *h = &c->http;
	curl_set_trust(easy, h->cacert, h->insecure);
	set_route(easy, c, addresses);
	set_version(easy, h, u);
	if (*u->user && !h->authorization) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, u->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, u->password);
	}
	if (h->follow) {
		curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
		curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
		curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	}
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* no waiting for a look-up at the end */
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "chaos-load/" CHAOS_VERSION);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 16384L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, 0L);
}

void curl_set_request(void *easy, const struct http_request *q, void *headers)
{
	const char *natural = q->body ? "POST" : "GET";
	curl_easy_setopt(easy, CURLOPT_URL, q->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, (struct curl_slist *)headers);
	curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	if (strcmp(q->method, "HEAD") == 0) {
		natural = q->method;
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	} else if (q->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, q->body); /* borrowed */
	}
	/* A custom method would also apply after a redirect that turns POST into GET. */
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
			 strcmp(q->method, natural) == 0 ? NULL : q->method);
}

void *curl_headers(const struct http_config *c, const struct http_request *q, bool bare)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* would wait for a second */
	for (size_t i = 0; !bare && i < q->template->header_count; i++)
		list = curl_slist_append(list, q->template->headers[i]);
	if (!bare && c->authorization && !http_header_given(q->template, "Authorization"))
		list = curl_slist_append(list, c->authorization);
	if (c->fresh && !c->http2)
		list = curl_slist_append(list, "Connection: close");
	const char *type = http_content_type(q);
	if (type)
		list = curl_slist_append(list, type);
	return list;
}

bool curl_is_elsewhere(void *easy, const struct transport_config *c, size_t node)
{
	const struct url *u = &c->nodes[node].url;
	const char *text = NULL;
	struct url to = {0};
	struct err e;
	curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &text);
	bool away = !text || url_parse(text, &to, &e) || to.port != u->port ||
		    strcmp(to.scheme, u->scheme) != 0 || strcmp(to.host, u->host) != 0;
	url_release(&to);
	return away;
}

void *curl_addresses(const struct url *u, const struct net_addrs *a)
{
	char text[NET_ADDR_TEXT];
	struct buf b = BUF_INIT;
	size_t first = 0;
	if (!a->count || a->list[0].sa.ss_family == AF_UNIX || strchr(u->host, ':'))
		return NULL;
	for (size_t i = 0; i < a->count; i++)
		first = a->list[i].worked ? i : first;
	buf_addf(&b, "%s:%d:", u->host, u->port);
	for (size_t i = 0; i < a->count; i++) {
		const struct net_addr *one = &a->list[(first + i) % a->count];
		buf_addf(&b, one->sa.ss_family == AF_INET6 ? "%s[%s]" : "%s%s", i ? "," : "",
			 net_addr_host(one, text));
	}
	struct curl_slist *list = curl_slist_append(NULL, b.data);
	buf_release(&b);
	return list;
}

bool curl_address_worked(void *easy, const struct net_addrs *a)
{
	char text[NET_ADDR_TEXT];
	const char *ip = NULL;
	long opened = 0;
	if (a->count < 2 || curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &opened) || !opened ||
	    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip) || !ip)
		return false;
	size_t at = 0;
	while (at < a->count && strcmp(net_addr_host(&a->list[at], text), ip) != 0)
		at++;
	if (at == a->count || a->list[at].worked)
		return false;
	for (size_t i = 0; i < a->count; i++)
		a->list[i].worked = i == at;
	return true;
}
