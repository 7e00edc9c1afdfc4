/* Links to names with several addresses, one of which is silent or refuses. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "net/link.h"
#include "net/transport.h"

#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SILENT, REFUSING, SERVING, KINDS, FILLERS = 8 };

struct world {
	struct loop *loop;
	int fds[KINDS + FILLERS];
	struct net_addr at[KINDS];
	int connected, failed;
	struct loop_fd *peer; /* of the connection that was accepted */
	int peer_fd;
};

static void listen_at(struct world *w, int kind, int backlog)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int fd = w->fds[kind] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	w->at[kind].len = len;
	memcpy(&w->at[kind].sa, &a, sizeof a);
}

/* The same port on 127.0.0.2, where answers come from. */
static void listen_beside(struct world *w)
{
	struct sockaddr_in a;
	memcpy(&a, &w->at[SILENT].sa, sizeof a);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	memcpy(&w->at[SERVING].sa, &a, sizeof a);
	close(w->fds[SERVING]);
	w->fds[SERVING] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w->fds[SERVING], (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(w->fds[SERVING], 16), 0);
}

static int setup(void **state)
{
	static struct world world;
	struct world *w = *state = &world;
	struct err e;
	*w = (struct world){.loop = loop_new(&e)};
	listen_at(w, SILENT, 0);
	listen_at(w, REFUSING, -1);
	listen_at(w, SERVING, 16);
	/* The kernel drops what comes behind a full queue. */
	for (int i = 0; i < FILLERS; i++) {
		struct pollfd p = {
			.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
			.events = POLLOUT};
		w->fds[KINDS + i] = p.fd;
		connect(p.fd, (struct sockaddr *)&w->at[SILENT].sa, w->at[SILENT].len);
		if (poll(&p, 1, 50) == 0)
			break;
	}
	return 0;
}

static void close_fillers(struct world *w)
{
	for (size_t i = KINDS; i < KINDS + FILLERS; i++) {
		if (w->fds[i])
			close(w->fds[i]);
		w->fds[i] = 0;
	}
}

static int teardown(void **state)
{
	struct world *w = *state;
	close_fillers(w);
	for (size_t i = 0; i < KINDS; i++)
		close(w->fds[i]);
	loop_free(w->loop);
	return 0;
}

static void connected(void *arg)
{
	struct world *w = arg;
	w->connected++;
	loop_stop(w->loop);
}

static void failed(void *arg, enum error_class error, const char *detail)
{
	struct world *w = arg;
	(void)detail;
	w->failed = (int)error;
	loop_stop(w->loop);
}

static const struct net_link_events events = {.connected = connected, .failed = failed};

/* Opens a link, and returns how many addresses it tried. */
static size_t open_link(struct world *w, struct net_dialer *d, const struct net_addrs *a)
{
	struct net_link link;
	w->connected = w->failed = 0;
	net_link_init(&link, d, a, &events, w);
	net_link_open(&link);
	if (!w->connected && !w->failed)
		loop_run(w->loop);
	net_link_close(&link);
	return link.tried;
}

static void a_silent_address_does_not_hide_the_next(void **state)
{
	struct world *w = *state;
	struct net_addr list[] = {w->at[SILENT], w->at[REFUSING], w->at[SERVING]};
	const struct net_addrs addrs = {.list = list, .count = 3};
	struct net_dialer d;
	net_dialer_init(&d, w->loop, 0, 20 * NS_PER_MS);
	assert_int_equal(open_link(w, &d, &addrs), 3);
	assert_int_equal(w->connected, 1);
	assert_int_equal(open_link(w, &d, &addrs), 1); /* begins with the one that worked */
	assert_int_equal(w->connected, 1);
	net_dialer_release(&d);
}

/* Empties the queue: the kernel's next try, a second after the first, comes through. */
static void empty_queue(void *arg)
{
	struct world *w = arg;
	struct pollfd p = {.fd = w->fds[SILENT], .events = POLLIN};
	close_fillers(w);
	while (poll(&p, 1, 0) == 1)
		close(accept(p.fd, NULL, NULL));
}

static void a_slow_address_is_waited_for(void **state)
{
	struct world *w = *state;
	struct net_addr list[] = {w->at[SILENT], w->at[REFUSING]};
	const struct net_addrs addrs = {.list = list, .count = 2};
	struct net_dialer d;
	struct err e;
	struct loop_timer *t = loop_timer_new(w->loop, empty_queue, w, &e);
	net_dialer_init(&d, w->loop, 0, 20 * NS_PER_MS);
	loop_timer_at(t, mono_ns() + 100 * NS_PER_MS);
	assert_int_equal(open_link(w, &d, &addrs), 2); /* the second has failed by then */
	assert_int_equal(w->connected, 1);
	assert_true(list[0].worked);
	loop_timer_free(t);
	net_dialer_release(&d);
}

static void the_time_for_all_is_bounded(void **state)
{
	struct world *w = *state;
	struct net_addr list[] = {w->at[SILENT], w->at[SILENT], w->at[SILENT], w->at[SILENT]};
	const struct net_addrs addrs = {.list = list, .count = 4};
	struct net_dialer d;
	net_dialer_init(&d, w->loop, 60 * NS_PER_MS, 0);
	int64_t from = mono_ns();
	open_link(w, &d, &addrs);
	assert_int_equal(w->failed, ERROR_TIMEOUT);
	assert_true(mono_ns() - from >= 60 * NS_PER_MS);
	net_dialer_release(&d);
}

static void answer(void *arg, int seen)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	struct world *w = arg;
	char asked[1024];
	(void)seen;
	assert_true(read(w->peer_fd, asked, sizeof asked) > 0);
	assert_int_equal(write(w->peer_fd, text, sizeof text - 1), sizeof text - 1);
	loop_fd_free(w->peer);
	close(w->peer_fd);
}

/* Reads once something has come: who is to send it is in the same loop, and may not know yet that it is
 * connected. */
static void serve(void *arg, int seen)
{
	struct world *w = arg;
	struct err e;
	(void)seen;
	w->peer_fd = accept(w->fds[SERVING], NULL, NULL);
	w->peer = loop_fd_new(w->loop, w->peer_fd, answer, w, &e);
	loop_fd_set(w->peer, LOOP_READ);
}

static void done(void *arg, struct request *r)
{
	(void)r;
	loop_stop(((struct world *)arg)->loop);
}

static void ready(void *arg)
{
	(void)arg;
}

static int64_t ask(struct world *w, const struct transport_ops *ops, struct transport *t)
{
	struct request r = {.slot = 0};
	int64_t from = mono_ns();
	ops->route(t, &r);
	ops->submit(t, &r);
	loop_run(w->loop);
	assert_int_equal(r.status, 200);
	return mono_ns() - from;
}

static void each_engine_begins_with_the_address_that_worked(void **state)
{
	static const enum http_engine engines[] = {HTTP_ENGINE_OWN, HTTP_ENGINE_CURL};
	struct world *w = *state;
	struct err e;
	listen_beside(w);
	struct loop_fd *watch = loop_fd_new(w->loop, w->fds[SERVING], serve, w, &e);
	loop_fd_set(watch, LOOP_READ);
	for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
		struct net_addr list[] = {w->at[SILENT], w->at[SERVING]};
		struct transport_node node = {.addrs = {.list = list, .count = 2},
					      .url = {.scheme = "http", .user = "", .password = "", .host = "two.test"}};
		const struct http_template get = {.method = "GET", .path = "/", .node = 0};
		struct transport_config c = {.loop = w->loop,
					     .nodes = &node,
					     .node_count = 1,
					     .connections = 1,
					     .timeout_ns = 400 * NS_PER_MS,
					     .http = {.templates = &get,
						      .template_count = 1,
						      .any_count = 1,
						      .fresh = true},
					     .done = done,
					     .arg = w,
					     .ready = ready};
		node.url.port = ntohs(((struct sockaddr_in *)(void *)&list[0].sa)->sin_port);
		const struct transport_ops *ops = transport_for(&c, engines[i], &e);
		struct transport *t = ops->open(&c, &e);
		int64_t first_ns = ask(w, ops, t);
		assert_true(list[1].worked);
		assert_true(ask(w, ops, t) < first_ns / 2);
		ops->close(t);
	}
	loop_fd_free(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_silent_address_does_not_hide_the_next, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_time_for_all_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(each_engine_begins_with_the_address_that_worked,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_slow_address_is_waited_for, setup, teardown),
	};
	return RUN_GROUP(tests);
}
