#include "net/resolve.h"

#include "base/buf.h"
#include "url/url_host.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static void add_found(struct net_addrs *out, struct addrinfo *found)
{
	size_t count = out->count;
	for (const struct addrinfo *a = found; a; a = a->ai_next)
		count++;
	out->list = mem_realloc(out->list, count, sizeof *out->list);
	for (const struct addrinfo *a = found; a; a = a->ai_next) {
		struct net_addr *n = &out->list[out->count++];
		*n = (struct net_addr){.len = a->ai_addrlen};
		memcpy(&n->sa, a->ai_addr, a->ai_addrlen);
	}
	freeaddrinfo(found);
}

/* Returns 0, or the error of getaddrinfo. */
static int look_up(const char *host, int port, int flags, struct net_addrs *out)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
	struct addrinfo *found = NULL;
	char service[16];
	snprintf(service, sizeof service, "%d", port);
	int rc = getaddrinfo(host, service, &hints, &found);
	if (!rc)
		add_found(out, found);
	return rc;
}

/* The host as the resolver takes it. */
static char *host_of(const struct url *at)
{
	return *at->zone ? mem_printf("%s%%%s", at->host, at->zone) : mem_strdup(at->host);
}

bool net_resolve_now(const struct url *at, struct net_addrs *out)
{
	*out = (struct net_addrs){0};
	if (url_host_is_localhost(at->host)) {
		look_up("127.0.0.1", at->port, AI_NUMERICHOST, out);
		look_up("::1", at->port, AI_NUMERICHOST, out);
		return true;
	}
	char *host = host_of(at);
	look_up(host, at->port, AI_NUMERICHOST, out);
	free(host);
	return out->count > 0;
}

static int resolve_via(const char *via, struct net_addrs *out, struct err *e)
{
	struct url in_place;
	char *text = mem_printf("http://%s", via);
	int rc = url_parse(text, &in_place, e) || net_resolve(&in_place, out, e) ? -1 : 0;
	url_release(&in_place);
	free(text);
	return rc;
}

int net_resolve(const struct url *at, struct net_addrs *out, struct err *e)
{
	if (at->via)
		return resolve_via(at->via, out, e);
	if (net_resolve_now(at, out))
		return 0;
	char *host = host_of(at);
	int rc = look_up(host, at->port, 0, out);
	if (rc)
		err_runtime(e, "cannot look up '%s': %s", host,
			    rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
	free(host);
	return rc ? -1 : 0;
}

int net_unix_address(const char *path, struct net_addrs *out, struct err *e)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	*out = (struct net_addrs){0};
	if (!*path)
		return err_usage(e, "a Unix socket needs a path");
	if (strlen(path) >= sizeof un.sun_path)
		return err_usage(e, "'%s' is too long for a Unix socket: %zu bytes at most", path,
				 sizeof un.sun_path - 1);
	memcpy(un.sun_path, path, strlen(path) + 1);
	out->list = mem_alloc(sizeof *out->list);
	out->count = 1;
	out->list[0].len = sizeof un;
	memcpy(&out->list[0].sa, &un, sizeof un);
	return 0;
}

void net_addrs_release(struct net_addrs *a)
{
	free(a->list);
	*a = (struct net_addrs){0};
}

static void name_of(const struct net_addr *a, char *host, size_t host_size, char *port,
		    size_t port_size)
{
	if (getnameinfo((const struct sockaddr *)&a->sa, a->len, host, (socklen_t)host_size, port,
			(socklen_t)port_size, NI_NUMERICHOST | NI_NUMERICSERV)) {
		snprintf(host, host_size, "?");
		snprintf(port, port_size, "?");
	}
}

const char *net_addr_host(const struct net_addr *a, char out[static NET_ADDR_TEXT])
{
	char port[8];
	name_of(a, out, NET_ADDR_TEXT, port, sizeof port);
	return out;
}

const char *net_addr_text(const struct net_addr *a, char out[static NET_ADDR_TEXT])
{
	if (a->sa.ss_family == AF_UNIX) {
		struct sockaddr_un un;
		memcpy(&un, &a->sa, sizeof un);
		snprintf(out, NET_ADDR_TEXT, "%s", un.sun_path);
		return out;
	}
	char host[NET_ADDR_TEXT - 16], port[8];
	name_of(a, host, sizeof host, port, sizeof port);
	snprintf(out, NET_ADDR_TEXT, a->sa.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	return out;
}
