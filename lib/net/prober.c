#include "net/prober.h"

#include "base/buf.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void probe_dial_init(struct probe_dial *d, struct loop *l, const struct url *at,
		     struct probe_result *out)
{
	*d = (struct probe_dial){.at = *at, .out = out};
	net_dialer_init(&d->dialer, l, 0, 0);
}

/* "connect to ADDRESS: REASON" becomes REASON: users of a probe name the server themselves. */
static const char *reason_of(const char *why)
{
	return strncmp(why, "connect to ", 11) == 0 ? strrchr(why, ':') + 2 : why;
}

void probe_dial_end(struct probe_dial *d, const char *why)
{
	loop_timer_free(d->timer);
	d->timer = NULL;
	d->waiting = false;
	d->out->answer = why ? PROBE_NO : PROBE_YES;
	snprintf(d->out->why, sizeof d->out->why, "%.250s", why ? reason_of(why) : "");
}

void probe_dial_release(struct probe_dial *d)
{
	loop_timer_free(d->timer);
	net_lookup_free(d->lookup);
	net_dialer_release(&d->dialer);
	net_addrs_release(&d->addrs);
}

static void timed_out(void *arg)
{
	struct probe_dial *d = arg;
	const char *why = d->waiting ? "its name was not looked up in time" : "no answer in time";
	d->stop(d->arg);
	probe_dial_end(d, why);
}

static void looked_up(void *arg, struct net_addrs *found, const struct err *why)
{
	struct probe_dial *d = arg;
	bool waiting = d->waiting;
	net_lookup_free(d->lookup);
	d->lookup = NULL;
	d->waiting = false;
	if (found)
		d->addrs = *found;
	if (waiting && found)
		d->dial(d->arg);
	else if (waiting)
		probe_dial_end(d, why->msg);
}

void probe_dial_start(struct probe_dial *d, int64_t timeout_ns)
{
	struct err e;
	loop_timer_free(d->timer);
	d->timer = loop_timer_new(d->dialer.loop, timed_out, d, &e);
	net_addrs_release(&d->addrs);
	if (!d->timer) {
		probe_dial_end(d, e.msg);
		return;
	}
	loop_timer_at(d->timer, mono_ns() + timeout_ns);
	if (net_resolve_now(&d->at, &d->addrs)) {
		d->dial(d->arg);
		return;
	}
	d->waiting = true;
	if (!d->lookup)
		d->lookup = net_lookup_new(d->dialer.loop, &d->at, looked_up, d, &e);
	if (!d->lookup)
		probe_dial_end(d, e.msg);
}

/* --- TCP ------------------------------------------------------------------------- */

struct tcp_probe {
	struct probe_dial dial;
	struct net_link link;
};

static void tcp_stop(void *arg)
{
	struct tcp_probe *p = arg;
	net_link_close(&p->link);
}

static void connected(void *arg)
{
	struct tcp_probe *p = arg;
	net_link_close(&p->link);
	probe_dial_end(&p->dial, NULL);
}

static void failed(void *arg, enum sample_error error, const char *detail)
{
	struct tcp_probe *p = arg;
	(void)error;
	probe_dial_end(&p->dial, detail);
}

static void tcp_dial(void *arg)
{
	struct tcp_probe *p = arg;
	net_link_open(&p->link);
}

static void *tcp_open(struct loop *l, const struct url *at, const char *what,
		      struct probe_result *out)
{
	static const struct net_link_events events = {.connected = connected, .failed = failed};
	struct tcp_probe *p = mem_alloc(sizeof *p);
	(void)what;
	probe_dial_init(&p->dial, l, at, out);
	p->dial.dial = tcp_dial;
	p->dial.stop = tcp_stop;
	p->dial.arg = p;
	net_link_init(&p->link, &p->dial.dialer, &p->dial.addrs, &events, p);
	return p;
}

static void tcp_start(void *state, int64_t timeout_ns)
{
	struct tcp_probe *p = state;
	net_link_close(&p->link);
	probe_dial_start(&p->dial, timeout_ns);
}

static void tcp_close(void *state)
{
	struct tcp_probe *p = state;
	net_link_close(&p->link);
	probe_dial_release(&p->dial);
	free(p);
}

const struct prober tcp_prober = {.open = tcp_open, .start = tcp_start, .close = tcp_close};
