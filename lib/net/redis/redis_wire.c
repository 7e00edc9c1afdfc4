#include "net/redis/redis_wire.h"

#include "base/buf.h"
#include "net/curl/curl_call.h"
#include "net/net_error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The call's place in the wire that it opens. */
struct opening {
	struct curl_call call; /* first: its ended gets it */
	struct redis_wire *wire;
};

struct redis_server redis_server_of(const struct transport_config *c, const struct transport_node *n)
{
	return (struct redis_server){.url = &n->url,
				     .addrs = &n->addrs,
				     .unix_socket = c->unix_socket,
				     .cacert = c->http.cacert,
				     .insecure = c->http.insecure};
}

void redis_wire_init(struct redis_wire *w, struct net_dialer *d, const struct redis_server *to,
		     const struct net_link_events *events, void *arg)
{
	*w = (struct redis_wire){.events = events, .arg = arg, .server = *to};
	net_link_init(&w->link, d, to->addrs, events, arg);
}

static void hang_up(struct redis_wire *w)
{
	if (!w->call)
		return;
	curl_call_release(w->call);
	free(w->call);
	w->call = NULL;
}

void redis_wire_close(struct redis_wire *w)
{
	net_link_close(&w->link);
	hang_up(w);
	w->opening = false;
}

static void fail(struct redis_wire *w)
{
	char why[CURL_CALL_MESSAGE];
	enum error_class error = curl_call_class(w->call);
	memcpy(why, curl_call_why(w->call), strlen(curl_call_why(w->call)) + 1);
	redis_wire_close(w);
	w->events->failed(w->arg, error, why);
}

int redis_wire_check(const struct transport_config *c, struct err *e)
{
	size_t i = 0;
	while (i < c->node_count && !url_is_tls(&c->nodes[i].url))
		i++;
	struct curl_loop *curl = i < c->node_count ? curl_loop_shared(c->loop, e) : NULL;
	curl_loop_free(curl);
	return i == c->node_count || curl ? 0 : -1;
}

/* Without TLS the socket is all that was wanted. Not released within its own callback. */
static void ended(struct curl_call *c)
{
	struct redis_wire *w = ((struct opening *)(void *)c)->wire;
	w->opening = false;
	if (c->transfer.fd < 0) {
		fail(w);
		return;
	}
	w->link.fd = c->transfer.fd;
	w->link.connected = true;
	w->events->connected(w->arg);
}

static void call(struct redis_wire *w)
{
	struct opening *o = mem_alloc(sizeof *o);
	const struct redis_server *s = &w->server;
	o->wire = w;
	w->call = &o->call;
	w->opening = true;
	curl_call_init(w->call, w->link.dialer->loop, NULL, NULL);
	curl_call_to(w->call, s->url, NULL);
	if (url_is_tls(s->url))
		curl_call_tls(w->call, s->url, s->addrs, s->cacert, s->insecure);
	if (s->unix_socket)
		curl_call_unix(w->call, s->unix_socket);
	w->call->ended = ended;
	if (curl_call_start(w->call, w->link.dialer->connect_timeout_ns))
		fail(w);
}

void redis_wire_open(struct redis_wire *w)
{
	if (w->opening || w->link.fd >= 0)
		return;
	if (url_is_tls(w->server.url) || !w->server.addrs)
		call(w);
	else
		net_link_open(&w->link);
}

/* What a system call on the own socket says. */
static ssize_t said(ssize_t n, enum error_class *error, const char **why)
{
	bool not_now = n >= 0 || errno == EAGAIN || errno == EINTR;
	*error = not_now ? ERROR_NONE : net_error_class(errno);
	*why = not_now ? "" : strerror(errno);
	return n;
}

static bool is_tls(const struct redis_wire *w)
{
	return w->call && w->call->transfer.keeps;
}

bool redis_wire_securing(const struct redis_wire *w)
{
	return w->opening && is_tls(w) && curl_call_accepted(w->call);
}

ssize_t redis_wire_write(struct redis_wire *w, const char *data, size_t len, enum error_class *error, const char **why)
{
	return is_tls(w) ? curl_call_write(w->call, data, len, error, why)
			 : said(send(w->link.fd, data, len, MSG_NOSIGNAL), error, why);
}

ssize_t redis_wire_read(struct redis_wire *w, char *data, size_t size, enum error_class *error, const char **why)
{
	return is_tls(w) ? curl_call_read(w->call, data, size, error, why)
			 : said(recv(w->link.fd, data, size, 0), error, why);
}

bool redis_wire_more(const struct redis_wire *w, size_t n, size_t size)
{
	return is_tls(w) || n == size;
}
