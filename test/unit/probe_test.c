/* Probes on a loop, against a server in the same thread. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "net/probe.h"

#include "unit.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOW_MS = 800 };

struct server {
	int listen_fd, fd; /* fd: the connection taken, or -1 */
	struct url at;
	char asked[1024]; /* what came in so far */
	size_t asked_len;
};

static void serve(struct server *s, const char *scheme)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	*s = (struct server){.fd = -1, .at = {.user = "", .password = "", .path = ""}};
	s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(s->listen_fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(s->listen_fd, 32), 0);
	assert_int_equal(getsockname(s->listen_fd, (struct sockaddr *)&a, &len), 0);
	snprintf(s->at.scheme, sizeof s->at.scheme, "%s", scheme);
	snprintf(s->at.host, sizeof s->at.host, "localhost");
	s->at.port = ntohs(a.sin_port);
}

static void stop(struct server *s)
{
	if (s->fd >= 0)
		close(s->fd);
	close(s->listen_fd);
}

/* Takes a connection and what it says; true once it has said as much as until. */
static int heard(struct server *s, const char *until)
{
	if (s->fd < 0)
		s->fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (s->fd >= 0) {
		ssize_t n =
			read(s->fd, s->asked + s->asked_len, sizeof s->asked - 1 - s->asked_len);
		s->asked_len += n > 0 ? (size_t)n : 0;
		s->asked[s->asked_len] = '\0';
	}
	return strstr(s->asked, until) != NULL;
}

static struct loop *loop;

static void stop_loop(void *unused)
{
	(void)unused;
	loop_stop(loop);
}

static void moment(void)
{
	struct err e;
	struct loop_timer *t = loop_timer_new(loop, stop_loop, NULL, &e);
	assert_non_null(t);
	loop_timer_at(t, mono_ns() + 500 * NS_PER_US);
	loop_run(loop);
	loop_timer_free(t);
}

/* One attempt against a server that says answer when it has heard until (NULL: nothing). */
static enum probe_answer attempt(struct probe *p, struct server *s, const char *until,
				 const char *answer)
{
	enum probe_answer a = PROBE_PENDING;
	int64_t end = mono_ns() + 5 * NS_PER_S;
	int said = !answer;
	probe_start(p, 300 * NS_PER_MS);
	while ((a = probe_step(p)) == PROBE_PENDING && mono_ns() < end) {
		if (!said && heard(s, until)) {
			assert_int_equal(write(s->fd, answer, strlen(answer)), strlen(answer));
			said = 1;
		}
		moment();
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->asked_len = 0;
	s->asked[0] = '\0';
	return a;
}

static void nobody_listens(void **state)
{
	static const enum probe_kind kinds[] = {PROBE_HTTP_GET, PROBE_REDIS_PING,
						PROBE_REDIS_REPLICA, PROBE_TCP};
	struct server s;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		serve(&s, kinds[i] == PROBE_HTTP_GET ? "http" : "redis");
		stop(&s);
		s.fd = -1;
		struct probe *p = probe_new(loop, kinds[i], &s.at, "/");
		assert_int_equal(attempt(p, &s, NULL, NULL), PROBE_NO);
		assert_true(probe_why(p)[0]);
		probe_free(p);
	}
}

static void connections_are_taken_but_nothing_is_said(void **state)
{
	static const enum probe_kind kinds[] = {PROBE_HTTP_GET, PROBE_REDIS_PING,
						PROBE_REDIS_REPLICA};
	struct server s;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		serve(&s, kinds[i] == PROBE_HTTP_GET ? "http" : "redis");
		struct probe *p = probe_new(loop, kinds[i], &s.at, "/");
		int64_t from = mono_ns();
		assert_int_equal(attempt(p, &s, NULL, NULL), PROBE_NO);
		assert_in_range(mono_ns() - from, 290 * NS_PER_MS, 4 * NS_PER_S);
		probe_free(p);
		stop(&s);
	}
	serve(&s, "http");
	struct probe *p = probe_new(loop, PROBE_TCP, &s.at, NULL);
	assert_int_equal(attempt(p, &s, NULL, NULL), PROBE_YES);
	probe_free(p);
	stop(&s);
}

static void http_statuses(void **state)
{
	struct server s;
	(void)state;
	serve(&s, "http");
	struct probe *p = probe_new(loop, PROBE_HTTP_GET, &s.at, "/health?x=1");
	assert_int_equal(attempt(p, &s, "GET /health?x=1 HTTP/1.1",
				 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
			 PROBE_YES);
	assert_int_equal(
		attempt(p, &s, "\r\n\r\n", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
		PROBE_YES);
	assert_int_equal(probe_status(p), 302);
	assert_int_equal(attempt(p, &s, "\r\n\r\n",
				 "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
			 PROBE_NO);
	assert_string_equal(probe_why(p), "status 503");
	assert_int_equal(probe_status(p), 503);
	assert_int_equal(attempt(p, &s, "\r\n\r\n", "-ERR this is no HTTP\r\n"), PROBE_NO);
	assert_int_equal(probe_status(p), 0);
	assert_true(probe_why(p)[0]);
	probe_free(p);
	stop(&s);
}

static void redis_answers(void **state)
{
	struct server s;
	(void)state;
	serve(&s, "redis");
	struct probe *p = probe_new(loop, PROBE_REDIS_PING, &s.at, NULL);
	assert_int_equal(attempt(p, &s, "PING", "+PONG\r\n"), PROBE_YES);
	assert_int_equal(attempt(p, &s, "PING", "-LOADING Redis is loading\r\n"), PROBE_NO);
	assert_string_equal(probe_why(p), "LOADING Redis is loading");
	assert_int_equal(attempt(p, &s, "PING", "+OK\r\n"), PROBE_NO);
	assert_int_equal(attempt(p, &s, "PING", "HTTP/1.1 400 Bad Request\r\n"), PROBE_NO);
	probe_free(p);
	s.at.password = "secret";
	p = probe_new(loop, PROBE_REDIS_PING, &s.at, NULL);
	assert_int_equal(attempt(p, &s, "PING", "+OK\r\n+PONG\r\n"), PROBE_YES);
	assert_int_equal(attempt(p, &s, "secret", "-WRONGPASS no\r\n"), PROBE_NO);
	/* It stays the reason while the next attempt is under way. */
	probe_start(p, 1000000000);
	assert_string_equal(probe_why(p), "WRONGPASS no");
	probe_free(p);
	stop(&s);
}

/* All on one loop, beside one another. */
static void many_at_once(void **state)
{
	enum { MANY = 20 };
	struct server s;
	struct probe *p[MANY];
	(void)state;
	serve(&s, "http");
	for (int i = 0; i < MANY; i++) {
		p[i] = probe_new(loop, i % 2 ? PROBE_TCP : PROBE_HTTP_GET, &s.at, "/");
		probe_start(p[i], 300 * NS_PER_MS);
	}
	int64_t end = mono_ns() + 5 * NS_PER_S;
	for (int pending = MANY; pending && mono_ns() < end;) {
		moment();
		pending = 0;
		for (int i = 0; i < MANY; i++)
			pending += probe_step(p[i]) == PROBE_PENDING;
	}
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(probe_step(p[i]), i % 2 ? PROBE_YES : PROBE_NO);
		probe_free(p[i]);
	}
	stop(&s);
}

static void redis_roles(void **state)
{
	struct server s;
	(void)state;
	serve(&s, "redis");
	struct probe *p = probe_new(loop, PROBE_REDIS_REPLICA, &s.at, NULL);
	assert_int_equal(attempt(p, &s, "ROLE",
				 "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:6379\r\n$"
				 "9\r\nconnected\r\n:14\r\n"),
			 PROBE_YES);
	assert_int_equal(
		attempt(p, &s, "ROLE",
			"*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:6379\r\n$4\r\nsync\r\n:-1\r\n"),
		PROBE_NO);
	assert_string_equal(probe_why(p), "its link to the master is not up yet (sync)");
	assert_int_equal(attempt(p, &s, "ROLE", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"), PROBE_NO);
	assert_string_equal(probe_why(p), "it is a master, not a replica");
	assert_int_equal(attempt(p, &s, "ROLE", ":1\r\n"), PROBE_NO);
	probe_free(p);
	stop(&s);
}

/* In place of the C library's, also for libcurl: a resolver that takes its time over slow.test. */
int getaddrinfo(const char *restrict host, const char *restrict service,
		const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	bool slow = host && strcmp(host, "slow.test") == 0 && !(hints->ai_flags & AI_NUMERICHOST);
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	for (int64_t end = mono_ns() + SLOW_MS * NS_PER_MS; slow && mono_ns() < end;)
		poll(NULL, 0, 5);
	return real(slow ? "127.0.0.1" : host, service, hints, found);
}

static void a_slow_resolver_blocks_nothing(void **state)
{
	static const enum probe_kind kinds[] = {PROBE_HTTP_GET, PROBE_REDIS_PING, PROBE_TCP};
	struct server s;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		serve(&s, kinds[i] == PROBE_HTTP_GET ? "http" : "redis");
		snprintf(s.at.host, sizeof s.at.host, "slow.test");
		struct probe *p = probe_new(loop, kinds[i], &s.at, "/");
		int64_t from = mono_ns();
		probe_start(p, 100 * NS_PER_MS);
		while (probe_step(p) == PROBE_PENDING)
			moment();
		assert_int_equal(probe_step(p), PROBE_NO);
		probe_start(p, 5 * SLOW_MS * NS_PER_MS);
		assert_true(mono_ns() - from < SLOW_MS / 2 * NS_PER_MS);
		if (kinds[i] == PROBE_TCP) { /* an attempt that has the time gets its answer */
			while (probe_step(p) == PROBE_PENDING)
				moment();
			assert_int_equal(probe_step(p), PROBE_YES);
		}
		probe_free(p);
		assert_true(kinds[i] == PROBE_TCP || mono_ns() - from < SLOW_MS / 2 * NS_PER_MS);
		stop(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(connections_are_taken_but_nothing_is_said),
		cmocka_unit_test(http_statuses),
		cmocka_unit_test(redis_answers),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(redis_roles),
		cmocka_unit_test(a_slow_resolver_blocks_nothing),
	};
	struct err e;
	loop = loop_new(&e);
	int failed = RUN_GROUP(tests);
	loop_free(loop);
	return failed;
}
