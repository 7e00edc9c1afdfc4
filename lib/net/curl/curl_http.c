/* HTTP and HTTPS on libcurl's multi interface. */
#include "net/transport.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/curl/curl_loop.h"
#include "net/curl/curl_outcome.h"
#include "net/curl/curl_prepare.h"
#include "net/http_plan.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct curl_node {
	struct curl_slist *addresses;
	bool reordered; /* libcurl has not seen their new order yet */
	struct transfer *free;
	int open, told; /* connections, and how many of them the caller knows of; over TLS */
};

struct transport {
	const struct transport_config *config;
	struct curl_loop *curl;
	struct loop_soon *tell; /* libcurl takes no requests within its callbacks; NULL: no TLS */
	struct http_plan plan;
	struct {
		struct curl_slist *all, *bare; /* bare: without the user's */
	} * headers;			       /* one for each request of the plan */
	struct curl_node *nodes;
};

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	t->bytes += (int64_t)(size * count);
	http_find_in(&t->find, data, size * count);
	return size * count;
}

/* libcurl is lenient about framing headers and does not bound trailers. Each line of both also goes
 * to the parser of the own engine, which decides, so that both engines agree on what a success is. */
static size_t take_header(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *x = arg;
	struct http1_parse *p = &x->answer;
	size_t len = size * count;
	if (x->owner->config->http.http2)
		return len;
	bool in_header = p->state == HTTP1_STATUS_LINE || p->state == HTTP1_HEADER;
	if (!in_header && len > 5 && memcmp(data, "HTTP/", 5) == 0) /* behind a redirect */
		http1_parse_start(p, false);
	else if (p->state == HTTP1_CHUNK_SIZE) /* libcurl has read the chunks */
		p->state = HTTP1_TRAILER;
	http1_parse(p, data, len);
	return p->state == HTTP1_BAD ? 0 : len;
}

/* libcurl is about to follow a redirect. A redirect that would send the body again (307, 308) is
 * not followed: the node would do the work of one slot twice. */
static bool may_follow(struct transfer *x, long hop)
{
	long status = 0;
	x->hop = hop;
	x->sent = false;
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!x->asked->body || (status != 307 && status != 308)) {
		size_t i = http_plan_index(&x->owner->plan, x->request->node, x->request->op);
		x->bare = curl_is_elsewhere(x->easy, x->owner->config, x->request->node);
		if (x->bare)
			curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->owner->headers[i].bare);
		return true;
	}
	x->resend = (int)status;
	return false;
}

/* Handshakes of TLS cost both sides much. Over HTTP/2 requests share connections; where none is kept, each request needs
 * its handshake anyway. */
static bool gradual(const struct transport_config *c)
{
	bool tls = false;
	for (size_t i = 0; i < c->node_count; i++)
		tls = tls || url_is_tls(&c->nodes[i].url);
	return tls && !c->http.http2 && !c->http.fresh;
}

static void tell(void *arg)
{
	struct transport *t = arg;
	for (size_t i = 0; i < t->config->node_count; i++) {
		struct curl_node *n = &t->nodes[i];
		int change = n->open - n->told;
		n->told = n->open;
		if (change && t->config->opened)
			t->config->opened(t->config->arg, i, change);
	}
}

/* The transfer is about to send: if its connection is new, it is open now. */
static void count_opened(struct transfer *x)
{
	struct transport *t = x->owner;
	long before = x->connects;
	curl_easy_getinfo(x->easy, CURLINFO_NUM_CONNECTS, &x->connects);
	if (x->connects <= before || x->bare)
		return;
	curl_loop_count(t->curl, &x->on_loop, &t->nodes[x->request->node].open);
	loop_soon(t->tell);
}

/* libcurl sends a request a second time, by itself, when a kept connection turns out to be dead
 * after the first sending. The node may have done the work: one slot, one sending. */
static int before_sending(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	struct transfer *x = arg;
	long hop = 0;
	(void)remote, (void)local, (void)remote_port, (void)local_port;
	curl_easy_getinfo(x->easy, CURLINFO_REDIRECT_COUNT, &hop);
	if (hop > x->hop && !may_follow(x, hop))
		return CURL_PREREQFUNC_ABORT;
	x->again = x->sent;
	x->sent = true;
	if (x->again)
		return CURL_PREREQFUNC_ABORT;
	if (x->owner->tell)
		count_opened(x);
	if (!x->request->sent_ns)
		x->request->sent_ns = mono_ns();
	return CURL_PREREQFUNC_OK;
}

static void keep(struct transfer *x, size_t node)
{
	struct curl_node *n = &x->owner->nodes[node];
	x->request = NULL;
	x->next = n->free;
	n->free = x;
	if (n->open != n->told)
		loop_soon(x->owner->tell);
}

/* Later connections begin with the address that has accepted. Handles share the list, so it is
 * overwritten: it has the same length. */
static void note_address(const struct transfer *x, size_t node)
{
	struct transport *t = x->owner;
	struct curl_node *n = &t->nodes[node];
	if (!n->addresses || !curl_address_worked(x->easy, &t->config->nodes[node].addrs))
		return;
	struct curl_slist *now = curl_addresses(&t->config->nodes[node].url, &t->config->nodes[node].addrs);
	memcpy(n->addresses->data, now->data, strlen(n->addresses->data));
	curl_slist_free_all(now);
	n->reordered = true;
}

static void ended(struct curl_transfer *on_loop, int code)
{
	struct transfer *x = (struct transfer *)(void *)on_loop;
	struct transport *t = x->owner;
	long os_errno = 0;
	curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &os_errno);
	if (code == CURLE_COULDNT_CONNECT && curl_loop_open_errno(t->curl))
		os_errno = curl_loop_open_errno(t->curl);
	struct request *r = x->request;
	r->bytes = x->bytes;
	if (code == CURLE_OK) {
		r->ended_ns = mono_ns();
		note_address(x, r->node);
	}
	curl_outcome(r, x, t->config, code, (int)os_errno);
	keep(x, r->node);
	t->config->done(t->config->arg, r);
}

static struct transfer *transfer_new(struct transport *t, size_t node)
{
	struct transfer *x = mem_alloc(sizeof *x);
	CURL *easy = x->easy = curl_easy_init();
	if (!easy) {
		free(x);
		return NULL;
	}
	x->owner = t;
	x->on_loop.done = ended;
	curl_prepare(easy, t->config, node, t->nodes[node].addresses);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->message);
	curl_loop_bind(t->curl, easy, &x->on_loop);
	return x;
}

static void begin(struct transfer *x, struct request *r)
{
	struct transport *t = x->owner;
	size_t i = http_plan_index(&t->plan, r->node, r->op);
	const struct http_request *q = &t->plan.requests[i];
	if (q->varies) {
		http_request_release(&x->own);
		http_request_write(q, r->slot, t->config->seed, &x->own);
	}
	if (x->asked != q || x->bare || q->varies) {
		x->bare = false;
		x->asked = q;
		curl_set_request(x->easy, q->varies ? &x->own : q, t->headers[i].all);
	}
	http_find_start(&x->find, q->template->contains);
	if (t->nodes[r->node].reordered) /* setting it again makes libcurl read it again */
		curl_easy_setopt(x->easy, CURLOPT_RESOLVE, t->nodes[r->node].addresses);
	t->nodes[r->node].reordered = false;
	x->request = r;
	x->hop = x->connects = x->resend = 0;
	x->sent = x->again = false;
	x->bytes = 0;
	x->message[0] = '\0';
	http1_parse_start(&x->answer, false);
}

static void http_submit(struct transport *t, struct request *r)
{
	struct curl_node *n = &t->nodes[r->node];
	struct transfer *x = n->free;
	if (x)
		n->free = x->next;
	else
		x = transfer_new(t, r->node);
	r->state = x;
	if (x) {
		begin(x, r);
		if (curl_loop_add(t->curl, x->easy) == 0)
			return;
		keep(x, r->node);
	}
	request_fail(r, ERROR_LOCAL, "libcurl cannot take another request");
	t->config->done(t->config->arg, r);
}

static void http_cancel(struct transport *t, struct request *r)
{
	struct transfer *x = r->state;
	r->bytes = x->bytes;
	curl_loop_remove(t->curl, x->easy);
	keep(x, r->node);
}

static void http_route(struct transport *t, struct request *r)
{
	http_plan_route(&t->plan, r);
}

static const char *http_op_name(const struct transport *t, size_t node, int op)
{
	return t->plan.requests[http_plan_index(&t->plan, node, op)].op;
}

static void http_close(struct transport *t)
{
	if (!t)
		return;
	const struct transport_config *c = t->config;
	for (size_t i = 0; i < c->node_count; i++) {
		for (struct transfer *x; (x = t->nodes[i].free);) {
			t->nodes[i].free = x->next;
			curl_easy_cleanup(x->easy);
			http_request_release(&x->own);
			free(x);
		}
	}
	curl_loop_free(t->curl);
	loop_soon_free(t->tell);
	for (size_t i = 0; i < c->node_count; i++)
		curl_slist_free_all(t->nodes[i].addresses);
	for (size_t i = 0; i < c->node_count * c->http.template_count; i++) {
		curl_slist_free_all(t->headers[i].all);
		curl_slist_free_all(t->headers[i].bare);
	}
	http_plan_release(&t->plan);
	free(t->headers);
	free(t->nodes);
	free(t);
}

static struct transport *http_open(const struct transport_config *c, struct err *e)
{
	struct transport *t = mem_alloc(sizeof *t);
	size_t requests = c->node_count * c->http.template_count;
	t->config = c;
	t->curl = curl_loop_new(c->loop, c->connections, !c->http.http2, e);
	if (!t->curl) {
		free(t);
		return NULL;
	}
	t->tell = gradual(c) ? loop_soon_new(c->loop, tell, t) : NULL;
	http_plan_init(&t->plan, c);
	t->nodes = mem_alloc(c->node_count * sizeof *t->nodes);
	t->headers = mem_alloc(requests * sizeof *t->headers);
	for (size_t i = 0; i < c->node_count; i++)
		t->nodes[i].addresses = curl_addresses(&c->nodes[i].url, &c->nodes[i].addrs);
	for (size_t i = 0; i < requests; i++) {
		const struct http_request *q = &t->plan.requests[i];
		t->headers[i].all = q->method ? curl_headers(&c->http, q, false) : NULL;
		t->headers[i].bare = q->method ? curl_headers(&c->http, q, true) : NULL;
	}
	c->ready(c->ready_arg);
	return t;
}

const struct transport_ops curl_http_transport = {
	.name = "curl",
	.schemes = "http https",
	.open = http_open,
	.gradual = gradual,
	.route = http_route,
	.op_name = http_op_name,
	.submit = http_submit,
	.cancel = http_cancel,
	.close = http_close,
};
