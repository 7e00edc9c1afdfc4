/* A transport as HACKING.md has it added: a slot is a TCP connection that is opened and closed. */
#include "base/buf.h"
#include "base/clock.h"
#include "net/link.h"
#include "net/request.h"
#include "net/transport.h"

#include <stdlib.h>

struct transport {
	const struct transport_config *config;
	struct net_dialer dialer;
};

struct attempt {
	struct transport *owner;
	struct request *request;
	struct net_link link;
};

static void end(void *arg, enum error_class error, const char *detail)
{
	struct attempt *a = arg;
	struct request *r = a->request;
	const struct transport_config *c = a->owner->config;
	net_link_close(&a->link);
	free(a);
	request_fail(r, error, detail);
	r->status = error == ERROR_NONE ? 200 : 0;
	c->done(c->arg, r);
}

static void connected(void *arg)
{
	end(arg, ERROR_NONE, "");
}

static void ready(void *arg, int events)
{
	(void)arg, (void)events; /* nothing is watched for */
}

static const struct net_link_events events = {
	.connected = connected, .failed = end, .ready = ready};

static struct transport *tcp_open(const struct transport_config *c, struct err *e)
{
	(void)e;
	struct transport *t = mem_alloc(sizeof *t);
	t->config = c;
	net_dialer_init(&t->dialer, c->loop, c->connect_timeout_ns, c->timeout_ns);
	c->ready(c->ready_arg);
	return t;
}

static void tcp_route(struct transport *t, struct request *r)
{
	r->node = (uint32_t)(r->slot % t->config->node_count);
	r->op = 0;
}

static const char *tcp_op_name(const struct transport *t, size_t node, int op)
{
	(void)t, (void)node, (void)op;
	return "CONNECT";
}

static void tcp_submit(struct transport *t, struct request *r)
{
	struct attempt *a = mem_alloc(sizeof *a);
	*a = (struct attempt){.owner = t, .request = r};
	r->state = a;
	r->sent_ns = mono_ns();
	net_link_init(&a->link, &t->dialer, &t->config->nodes[r->node].addrs, &events, a);
	net_link_open(&a->link);
}

static void tcp_cancel(struct transport *t, struct request *r)
{
	(void)t;
	struct attempt *a = r->state;
	net_link_close(&a->link);
	free(a);
}

static void tcp_close(struct transport *t)
{
	net_dialer_release(&t->dialer);
	free(t);
}

const struct transport_ops tcp_transport = {
	.name = "tcp",
	.schemes = "tcp",
	.open = tcp_open,
	.route = tcp_route,
	.op_name = tcp_op_name,
	.submit = tcp_submit,
	.cancel = tcp_cancel,
	.close = tcp_close,
};
