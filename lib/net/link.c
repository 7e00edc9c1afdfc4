#include "net/link.h"

#include "base/clock.h"
#include "base/units.h"
#include "net/net_error.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NEXT_AFTER_MS = 250 }; /* RFC 8305, section 8 */

void net_dialer_init(struct net_dialer *d, struct loop *l, int64_t connect_timeout_ns,
		     int64_t within_ns)
{
	int64_t time_ns = connect_timeout_ns ? connect_timeout_ns : within_ns;
	int64_t after_ns = NEXT_AFTER_MS * NS_PER_MS;
	*d = (struct net_dialer){.loop = l,
				 .connect_timeout_ns = connect_timeout_ns,
				 .next_after_ns =
					 time_ns && time_ns / 2 < after_ns ? time_ns / 2 : after_ns,
				 .spare_fd = -1};
}

void net_dialer_release(struct net_dialer *d)
{
	if (d->spare_fd >= 0)
		close(d->spare_fd);
	d->spare_fd = -1;
}

void net_link_init(struct net_link *l, struct net_dialer *d, const struct net_addrs *addrs,
		   const struct net_link_events *events, void *arg)
{
	*l = (struct net_link){.fd = -1,
			       .elder.fd = -1,
			       .dialer = d,
			       .addrs = addrs,
			       .events = events,
			       .arg = arg};
}

static void drop_elder(struct net_link *l)
{
	loop_fd_free(l->elder.watch);
	l->elder.watch = NULL;
	if (l->elder.fd >= 0)
		close(l->elder.fd);
	l->elder.fd = -1;
}

static void hang_up(struct net_link *l)
{
	loop_fd_free(l->watch);
	l->watch = NULL;
	l->watched = 0;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->connected = false;
}

static void wait_no_longer(struct net_link *l)
{
	loop_timer_free(l->connect_timer);
	l->connect_timer = NULL;
}

void net_link_close(struct net_link *l)
{
	hang_up(l);
	drop_elder(l);
	wait_no_longer(l);
}

static void fail(struct net_link *l, enum error_class error, const char *detail)
{
	net_link_close(l);
	l->events->failed(l->arg, error, detail);
}

static void time_is_up(void *arg);

static int set_watch(struct net_link *l, int events);

/* Returns -1 if the event loop cannot watch the socket. */
static int wait_for_it(struct net_link *l)
{
	struct err e;
	const struct net_dialer *d = l->dialer;
	bool more = l->tried < l->addrs->count;
	if (d->connect_timeout_ns && !l->give_up_ns)
		l->give_up_ns = mono_ns() + d->connect_timeout_ns;
	if ((l->give_up_ns || more) && !l->connect_timer) {
		l->connect_timer = loop_timer_new(d->loop, time_is_up, l, &e);
		if (!l->connect_timer)
			return -1;
	}
	int64_t next_ns = more ? mono_ns() + d->next_after_ns : 0;
	if (more && (!l->give_up_ns || next_ns < l->give_up_ns))
		loop_timer_at(l->connect_timer, next_ns);
	else if (l->give_up_ns)
		loop_timer_at(l->connect_timer, l->give_up_ns);
	else
		wait_no_longer(l);
	return set_watch(l, LOOP_WRITE);
}

static void put_aside(struct net_link *l)
{
	struct net_dialer *d = l->dialer;
	if (d->spare_fd >= 0 || l->watch)
		return;
	d->spare_fd = l->fd;
	d->spare_family = l->addrs->list[l->addr].sa.ss_family;
	l->fd = -1;
}

static int open_socket(struct net_dialer *d, int family)
{
	int fd = d->spare_fd;
	if (fd < 0 || d->spare_family != family)
		return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	d->spare_fd = -1;
	return fd;
}

/* Caches the text: while a node is down every request fails with the same message. */
static const char *failure_text(struct net_dialer *d, const struct net_addr *a, int sys_errno)
{
	char where[NET_ADDR_TEXT];
	if (d->said_of != a || d->said_errno != sys_errno)
		snprintf(d->said, sizeof d->said, "connect to %s: %s", net_addr_text(a, where),
			 strerror(sys_errno));
	d->said_of = a;
	d->said_errno = sys_errno;
	return d->said;
}

static void note_failure(struct net_link *l, size_t addr, int sys_errno)
{
	if (l->error != ERROR_NONE && l->error != ERROR_LOCAL)
		return;
	l->error = net_error_class(sys_errno);
	memcpy(l->detail, failure_text(l->dialer, &l->addrs->list[addr], sys_errno),
	       sizeof l->detail);
}

static void try_next(struct net_link *l);
static void go_on_connecting(struct net_link *l);

/* The attempt before becomes the only one. */
static void take_elder(struct net_link *l)
{
	l->fd = l->elder.fd;
	l->addr = l->elder.addr;
	l->elder.fd = -1;
	drop_elder(l);
	go_on_connecting(l);
}

/* Connecting to this address failed: tries the next one, waits for the one before, or reports the
 * failure. */
static void next_address(struct net_link *l, int sys_errno)
{
	note_failure(l, l->addr, sys_errno);
	if (sys_errno == ECONNREFUSED && l->fd >= 0)
		put_aside(l);
	hang_up(l);
	if (l->tried < l->addrs->count)
		try_next(l);
	else if (l->elder.fd >= 0)
		take_elder(l);
	else
		fail(l, l->error, l->detail);
}

static void now_connected(struct net_link *l)
{
	int on = 1;
	struct net_addr *a = &l->addrs->list[l->addr];
	l->connected = true;
	drop_elder(l);
	wait_no_longer(l);
	for (size_t i = 0; !a->worked && i < l->addrs->count; i++)
		l->addrs->list[i].worked = false;
	a->worked = true;
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	l->events->connected(l->arg);
}

/* Polls the pending connect by calling connect again. Unlike SO_ERROR, this leaves a refused socket
 * usable for another attempt. */
static void go_on_connecting(struct net_link *l)
{
	const struct net_addr *a = &l->addrs->list[l->addr];
	if (!connect(l->fd, (const struct sockaddr *)&a->sa, a->len) || errno == EISCONN) {
		now_connected(l);
	} else if (errno != EALREADY && errno != EINPROGRESS && errno != EINTR) {
		next_address(l, errno);
	} else if (wait_for_it(l)) {
		fail(l, ERROR_LOCAL, "no room in the event loop");
	}
}

static void try_next(struct net_link *l)
{
	l->addr = l->first + l->tried++;
	l->addr -= l->addr < l->addrs->count ? 0 : l->addrs->count;
	const struct net_addr *a = &l->addrs->list[l->addr];
	l->fd = open_socket(l->dialer, a->sa.ss_family);
	if (l->fd < 0 ||
	    (connect(l->fd, (const struct sockaddr *)&a->sa, a->len) && errno != EINPROGRESS))
		next_address(l, errno);
	else /* on loopback the result is there already, which saves a loop iteration */
		go_on_connecting(l);
}

void net_link_open(struct net_link *l)
{
	l->first = l->tried = 0;
	for (size_t i = 0; i < l->addrs->count; i++)
		if (l->addrs->list[i].worked)
			l->first = i;
	l->give_up_ns = 0;
	l->error = ERROR_NONE;
	try_next(l);
}

static void elder_ready(void *arg, int events)
{
	struct net_link *l = arg;
	const struct net_addr *a = &l->addrs->list[l->elder.addr];
	int rc = connect(l->elder.fd, (const struct sockaddr *)&a->sa, a->len);
	if (!rc || errno == EISCONN) {
		hang_up(l);
		take_elder(l);
	} else if (errno == EALREADY || errno == EINPROGRESS || errno == EINTR) {
		if (events & LOOP_ERROR)
			loop_fd_set(l->elder.watch, LOOP_WRITE);
	} else {
		note_failure(l, l->elder.addr, errno);
		drop_elder(l);
	}
}

/* Goes on waiting for this address while the next one is tried. */
static void leave_behind(struct net_link *l)
{
	struct err e;
	drop_elder(l);
	loop_fd_free(l->watch);
	l->watch = NULL;
	l->watched = 0;
	l->elder.fd = l->fd;
	l->elder.addr = l->addr;
	l->fd = -1;
	l->elder.watch = loop_fd_new(l->dialer->loop, l->elder.fd, elder_ready, l, &e);
	if (l->elder.watch)
		loop_fd_set(l->elder.watch, LOOP_WRITE);
	else
		drop_elder(l);
}

static void time_is_up(void *arg)
{
	struct net_link *l = arg;
	char span[SPAN_MAX];
	if (!l->give_up_ns || mono_ns() < l->give_up_ns) {
		leave_behind(l);
		try_next(l);
		return;
	}
	snprintf(l->detail, sizeof l->detail, "no connection within %s",
		 span_format(l->dialer->connect_timeout_ns, span));
	fail(l, ERROR_TIMEOUT, l->detail);
}

static void fd_ready(void *arg, int events)
{
	struct net_link *l = arg;
	if (events & LOOP_ERROR)
		l->watched = 0;
	if (l->connected)
		l->events->ready(l->arg, events);
	else
		go_on_connecting(l);
}

static int set_watch(struct net_link *l, int events)
{
	struct err e;
	if (!l->watch)
		l->watch = loop_fd_new(l->dialer->loop, l->fd, fd_ready, l, &e);
	if (!l->watch)
		return -1;
	if (l->watched != events && loop_fd_set(l->watch, events))
		return -1;
	l->watched = events;
	return 0;
}

int net_link_watch(struct net_link *l, int events)
{
	if (set_watch(l, events) == 0)
		return 0;
	fail(l, ERROR_LOCAL, "no room in the event loop");
	return -1;
}
