#include "net/probe.h"

#include "base/buf.h"
#include "base/clock.h"
#include "net/curl/curl_probe.h"
#include "net/redis/redis_probe.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct probe {
	enum probe_kind kind;
	struct curl_probe *http;
	struct redis_probe *redis;
	struct url at; /* PROBE_TCP from here on */
	int fd;	       /* negative: no attempt under way */
	int64_t deadline_ns;
	char why[160];
};

struct probe *probe_new(enum probe_kind kind, const struct url *at, const char *path)
{
	struct probe *p = mem_alloc(sizeof *p);
	p->kind = kind;
	p->at = *at;
	p->fd = -1;
	if (kind == PROBE_HTTP_GET)
		p->http = curl_probe_new(at, path);
	else if (kind == PROBE_REDIS_PING || kind == PROBE_REDIS_REPLICA)
		p->redis = redis_probe_new(at, kind == PROBE_REDIS_REPLICA);
	return p;
}

static void tcp_give_up(struct probe *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	curl_probe_free(p->http);
	redis_probe_free(p->redis);
	tcp_give_up(p);
	free(p);
}

static void tcp_start(struct probe *p, int64_t timeout_ns)
{
	char port[16];
	const char *host = strcmp(p->at.host, "localhost") == 0 ? "127.0.0.1" : p->at.host;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	tcp_give_up(p);
	p->deadline_ns = mono_ns() + timeout_ns;
	snprintf(port, sizeof port, "%d", p->at.port);
	int rc = getaddrinfo(host, port, &hints, &found);
	if (rc) {
		snprintf(p->why, sizeof p->why, "%s", gai_strerror(rc));
		return;
	}
	p->fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0 ||
	    (connect(p->fd, found->ai_addr, found->ai_addrlen) && errno != EINPROGRESS)) {
		snprintf(p->why, sizeof p->why, "%s", strerror(errno));
		tcp_give_up(p);
	}
	freeaddrinfo(found);
}

static enum probe_answer tcp_step(struct probe *p)
{
	struct pollfd watch = {.fd = p->fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof error;
	if (p->fd < 0)
		return PROBE_NO;
	if (poll(&watch, 1, 0) == 0) {
		if (mono_ns() < p->deadline_ns)
			return PROBE_PENDING;
		error = ETIMEDOUT;
	} else {
		getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	}
	tcp_give_up(p);
	if (!error)
		return PROBE_YES;
	snprintf(p->why, sizeof p->why, "%s", strerror(error));
	return PROBE_NO;
}

void probe_start(struct probe *p, int64_t timeout_ns)
{
	if (p->http)
		curl_probe_start(p->http, timeout_ns);
	else if (p->redis)
		redis_probe_start(p->redis, timeout_ns);
	else
		tcp_start(p, timeout_ns);
}

enum probe_answer probe_step(struct probe *p)
{
	if (p->http)
		return curl_probe_step(p->http);
	return p->redis ? redis_probe_step(p->redis) : tcp_step(p);
}

const char *probe_why(const struct probe *p)
{
	if (p->http)
		return curl_probe_why(p->http);
	return p->redis ? redis_probe_why(p->redis) : p->why;
}

bool probe_heard(const struct probe *p)
{
	if (p->http)
		return curl_probe_heard(p->http);
	return p->redis && redis_probe_heard(p->redis);
}

const char *probe_role(const struct probe *p)
{
	return p->redis ? redis_probe_role(p->redis) : "";
}
