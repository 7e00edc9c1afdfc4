#include "net/curl/curl_outcome.h"

#include "base/units.h"
#include "net/curl/curl_error.h"

#include <curl/curl.h>
#include <string.h>

_Static_assert(sizeof ((struct transfer *)NULL)->message == CURL_ERROR_SIZE, "libcurl writes up to CURL_ERROR_SIZE");

static const char not_again[] = "connection lost after the request was sent; not sent again";

/* True if a reused connection was lost before any byte of the answer. libcurl reports a GOAWAY at
 * this point as a framing error. */
static bool lost_kept(const struct transfer *x, CURLcode code)
{
	long opened = 0, status = 0;
	curl_easy_getinfo(x->easy, CURLINFO_NUM_CONNECTS, &opened);
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	return x->sent && !opened && !status &&
	       (code == CURLE_HTTP2 || code == CURLE_PARTIAL_FILE || code == CURLE_GOT_NOTHING);
}

/* True if the request was sent once and libcurl tried to send it again: the retry was stopped in
 * before_sending, refused by the node, or not made because libcurl had no tries left. */
static bool lost(const struct transfer *x, CURLcode code)
{
	long hop = 0;
	curl_easy_getinfo(x->easy, CURLINFO_REDIRECT_COUNT, &hop);
	return x->again || (x->sent && hop == x->hop && code == CURLE_COULDNT_CONNECT) ||
	       strncmp(x->message, "Connection died", 15) == 0 || lost_kept(x, code);
}

static bool has_errno(CURLcode code)
{
	return code == CURLE_COULDNT_CONNECT || code == CURLE_SEND_ERROR ||
	       code == CURLE_RECV_ERROR;
}

static void failed(struct request *r, const struct transfer *x, const struct transport_config *c, CURLcode code,
		   int os_errno)
{
	const char *why = *x->message ? x->message : curl_easy_strerror(code);
	long tunnel = 0;
	char span[SPAN_MAX];
	curl_easy_getinfo(x->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
	r->error = curl_error_class((int)code, os_errno);
	if (x->answer.state == HTTP1_BAD) {
		r->error = ERROR_PROTOCOL;
		why = x->answer.why;
	} else if (x->sent && code == CURLE_OUT_OF_MEMORY) { /* libcurl's bound of a line */
		r->error = ERROR_PROTOCOL;
		why = "the answer's header is too long";
	} else if (strstr(why, "in chunked-encoding")) { /* no CURLcode distinguishes this */
		r->error = ERROR_PROTOCOL;
	} else if (lost(x, code)) {
		r->error = ERROR_RESET;
		why = not_again;
	} else if (tunnel >= 300) {
		request_failf(r, ERROR_UNREACHABLE, "the proxy answers CONNECT with %ld", tunnel);
		return;
	} else if (code == CURLE_OPERATION_TIMEDOUT) {
		request_failf(r, r->error, "no connection within %s",
			      span_format(c->connect_timeout_ns ? c->connect_timeout_ns : c->timeout_ns, span));
		return;
	} else if (os_errno && has_errno(code)) {
		why = strerror(os_errno);
	}
	request_fail(r, r->error, why);
}

/* A redirect that is not followed is the answer. */
static bool stopped(struct request *r, const struct transfer *x, CURLcode code)
{
	long status = x->resend;
	if (code == CURLE_TOO_MANY_REDIRECTS)
		curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!status)
		return false;
	r->status = (int)status;
	if (x->resend)
		request_failf(r, ERROR_HTTP_OTHER, "redirect %d would send the body again; not followed", x->resend);
	else
		request_fail(r, ERROR_HTTP_OTHER, x->message);
	return true;
}

static void answered(struct request *r, const struct transfer *x, const struct http_config *c)
{
	long status = 0, version = 0;
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!c->http2 && x->answer.state == HTTP1_HEADER) {
		request_fail(r, ERROR_CLOSED, "connection closed within the answer");
		return;
	}
	r->status = (int)status;
	http_judge(x->asked->template, &x->find, r);
	curl_easy_getinfo(x->easy, CURLINFO_HTTP_VERSION, &version);
	if (c->http2 && version != CURL_HTTP_VERSION_2_0)
		request_fail(r, ERROR_PROTOCOL, "the node does not speak HTTP/2");
}

void curl_outcome(struct request *r, const struct transfer *x, const struct transport_config *c, int code, int os_errno)
{
	if (code == CURLE_OK)
		answered(r, x, &c->http);
	else if (!stopped(r, x, (CURLcode)code))
		failed(r, x, c, (CURLcode)code, os_errno);
}
