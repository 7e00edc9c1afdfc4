#include "net/curl_http.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/curl_error.h"
#include "net/curl_loop.h"
#include "net/http_request.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

/* One prepared handle; kept for the next request when its request is over. */
struct transfer {
	struct transport *owner;
	CURL *easy;
	struct transfer *next; /* in the node's list of free ones */
	struct request *request;
	int sendings;
	int64_t bytes;
	char message[CURL_ERROR_SIZE];
};

struct node {
	struct http_request request;
	struct curl_slist *headers;
	struct curl_slist *addresses; /* "host:port:address,…", so that no name is ever looked up */
	struct transfer *free;
};

struct transport {
	const struct transport_config *config;
	struct curl_loop *curl;
	struct node *nodes;
};

static size_t discard(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	(void)data;
	t->bytes += (int64_t)(size * count);
	return size * count;
}

/* libcurl sends a request a second time, by itself, when a kept connection turns out to be dead
 * after the first sending. The node may have done the work: one slot, one sending. */
static int before_sending(void *arg, char *remote, char *local, int remote_port, int local_port)
{
	struct transfer *t = arg;
	(void)remote;
	(void)local;
	(void)remote_port;
	(void)local_port;
	if (t->sendings++)
		return CURL_PREREQFUNC_ABORT;
	t->request->sent_ns = mono_ns();
	return CURL_PREREQFUNC_OK;
}

static void set_request(CURL *easy, const struct http_request *q, const struct url *u)
{
	curl_easy_setopt(easy, CURLOPT_URL, q->url);
	if (strcmp(q->method, "HEAD") == 0)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (q->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, q->body); /* borrowed, not copied */
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, q->method);
	if (*u->user) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, u->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, u->password);
	}
}

static void set_trust(CURL *easy, const struct transport_config *c)
{
	if (c->cacert) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, c->cacert);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (c->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
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
	set_request(easy, &t->nodes[node].request, &t->config->nodes[node].url);
	set_trust(easy, t->config);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, t->config->fresh ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->nodes[node].headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->message);
	curl_easy_setopt(easy, CURLOPT_RESOLVE, t->nodes[node].addresses);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* not the environment's */
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "chaos-load/" CHAOS_VERSION);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 16384L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	/* The caller's timeout runs from the due time; these only must not come first. */
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 86400000L);
	curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, 0L);
	curl_loop_bind(t->curl, easy);
	return x;
}

static void keep(struct transfer *x, size_t node)
{
	struct node *n = &x->owner->nodes[node];
	x->request = NULL;
	x->next = n->free;
	n->free = x;
}

/* The request was sent once, and libcurl wanted to send it again: stopped by us, refused by
 * the node, or given up because our stops have used up its tries. */
static bool lost(const struct transfer *x, CURLcode code)
{
	return x->sendings > 1 || (x->sendings && code == CURLE_COULDNT_CONNECT) ||
	       strncmp(x->message, "Connection died", 15) == 0;
}

static void failed(struct request *r, const struct transfer *x, CURLcode code, int os_errno)
{
	const char *why = *x->message ? x->message : curl_easy_strerror(code);
	r->error = curl_error_class((int)code, os_errno);
	if (strstr(why, "in chunked-encoding")) { /* libcurl has no code of its own for it */
		r->error = ERROR_PROTOCOL;
	} else if (lost(x, code)) {
		r->error = ERROR_RESET;
		why = "connection lost after the request was sent; not sent again";
	} else if (os_errno && (code == CURLE_COULDNT_CONNECT || code == CURLE_SEND_ERROR ||
				code == CURLE_RECV_ERROR)) {
		why = strerror(os_errno);
	}
	request_explain(r, why);
}

static void ended(void *arg, void *easy, int code)
{
	struct transport *t = arg;
	struct transfer *x = NULL;
	long status = 0, os_errno = 0;
	curl_easy_getinfo((CURL *)easy, CURLINFO_PRIVATE, (char **)&x);
	curl_easy_getinfo((CURL *)easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo((CURL *)easy, CURLINFO_OS_ERRNO, &os_errno);
	if (code == CURLE_COULDNT_CONNECT && curl_loop_open_errno(t->curl))
		os_errno = curl_loop_open_errno(t->curl);
	struct request *r = x->request;
	r->bytes = x->bytes;
	if (code == CURLE_OK) {
		r->status = (int)status;
		r->error = http_status_class(r->status);
	} else {
		failed(r, x, (CURLcode)code, (int)os_errno);
	}
	keep(x, r->node);
	t->config->done(t->config->arg, r);
}

static void http_submit(struct transport *t, struct request *r)
{
	struct node *n = &t->nodes[r->node];
	struct transfer *x = n->free;
	if (x)
		n->free = x->next;
	else
		x = transfer_new(t, r->node);
	r->state = x;
	if (x) {
		x->request = r;
		x->sendings = 0;
		x->bytes = 0;
		x->message[0] = '\0';
		if (curl_loop_add(t->curl, x->easy) == 0)
			return;
		keep(x, r->node);
	}
	r->error = ERROR_LOCAL;
	request_explain(r, "libcurl cannot take another request");
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
	r->node = r->slot % t->config->node_count;
	r->op = 0;
}

static const char *http_op_name(const struct transport *t, size_t node, int op)
{
	(void)op;
	return t->nodes[node].request.op;
}

static void http_close(struct transport *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->config->node_count; i++) {
		struct node *n = &t->nodes[i];
		while (n->free) {
			struct transfer *x = n->free;
			n->free = x->next;
			curl_easy_cleanup(x->easy);
			free(x);
		}
	}
	curl_loop_free(t->curl);
	for (size_t i = 0; i < t->config->node_count; i++) {
		curl_slist_free_all(t->nodes[i].addresses);
		curl_slist_free_all(t->nodes[i].headers);
		http_request_release(&t->nodes[i].request);
	}
	free(t->nodes);
	free(t);
}

/* "host:port:address,address", all addresses in the resolver's order. */
static struct curl_slist *address_list(const struct transport_node *node)
{
	struct buf b = BUF_INIT;
	const struct net_addrs *a = &node->addrs;
	char text[NET_ADDR_TEXT];
	bool v6 = strchr(node->url.host, ':');
	buf_addf(&b, v6 ? "[%s]:%d:" : "%s:%d:", node->url.host, node->url.port);
	for (size_t i = 0; i < a->count; i++)
		buf_addf(&b, a->list[i].sa.ss_family == AF_INET6 ? "%s[%s]" : "%s%s", i ? "," : "",
			 net_addr_host(&a->list[i], text));
	struct curl_slist *list = a->count && !v6 ? curl_slist_append(NULL, b.data) : NULL;
	buf_release(&b);
	return list;
}

static struct curl_slist *header_list(const struct transport_config *c,
				      const struct http_request *q)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* would wait for a second */
	for (size_t i = 0; i < c->header_count; i++)
		list = curl_slist_append(list, c->headers[i]);
	if (c->fresh)
		list = curl_slist_append(list, "Connection: close");
	const char *type = http_content_type(q, c);
	if (type)
		list = curl_slist_append(list, type);
	return list;
}

static struct transport *http_open(const struct transport_config *c, struct err *e)
{
	struct transport *t = mem_alloc(sizeof *t);
	t->config = c;
	t->curl = curl_loop_new(c->loop, c->connections, ended, t, e);
	if (!t->curl) {
		free(t);
		return NULL;
	}
	t->nodes = mem_alloc(c->node_count * sizeof *t->nodes);
	for (size_t i = 0; i < c->node_count; i++) {
		http_request_init(&t->nodes[i].request, c, &c->nodes[i].url);
		t->nodes[i].addresses = address_list(&c->nodes[i]);
		t->nodes[i].headers = header_list(c, &t->nodes[i].request);
	}
	c->ready(c->ready_arg);
	return t;
}

const struct transport_ops curl_http_transport = {
	.schemes = "http https",
	.open = http_open,
	.route = http_route,
	.op_name = http_op_name,
	.submit = http_submit,
	.cancel = http_cancel,
	.close = http_close,
};
